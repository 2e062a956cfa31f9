import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from '@playwright/test';
import { browserArgs, findBrowser } from '@/e2e/browser/find-browser';
import { startLivelyOffpeak } from './lively-offpeak';

/** Takes the README's pictures anew: `node --import tsx e2e/screenshots/take.ts`. */

const MOST_BYTES = 250_000;

interface Shot {
  name: string;
  theme: 'light' | 'dark';
  path: string;
  prepare?: (page: Page) => Promise<void>;
}

const SHOTS: readonly Shot[] = [
  { name: 'overview-light', theme: 'light', path: '/?from=now-6h' },
  { name: 'overview-dark', theme: 'dark', path: '/?from=now-6h' },
  { name: 'request-drawer', theme: 'light', path: '/requests?from=now-6h', prepare: openFifthRequest },
];

async function openFifthRequest(page: Page): Promise<void> {
  await page.locator('a[data-request]').nth(4).click();
  await page.getByRole('dialog', { name: 'Request' }).getByRole('heading', { name: 'Usage' }).waitFor();
}

async function take(browser: Browser, origin: string, token: string, shot: Shot): Promise<void> {
  const context = await browser.newContext({
    baseURL: origin,
    viewport: { width: 1280, height: 800 },
    colorScheme: shot.theme,
    reducedMotion: 'reduce',
    timezoneId: 'UTC',
    locale: 'en-US',
  });
  const page = await context.newPage();
  await page.request.post('/api/session', { data: { token } });
  await page.goto(shot.path);
  await page.locator('[aria-busy="true"]').first().waitFor({ state: 'detached' });
  await page.waitForLoadState('networkidle');
  await shot.prepare?.(page);
  const path = fileURLToPath(new URL(`${shot.name}.png`, import.meta.url));
  await page.screenshot({ path });
  await context.close();
  const { size } = statSync(path);
  if (size > MOST_BYTES) throw new Error(`${shot.name}.png has ${size} bytes, more than ${MOST_BYTES}`);
}

const offpeak = await startLivelyOffpeak();
const browser = await chromium.launch({ executablePath: findBrowser() ?? '', args: browserArgs() });
try {
  for (const shot of SHOTS) await take(browser, offpeak.origin, offpeak.adminToken, shot);
} finally {
  await browser.close();
  await offpeak.stop();
}
