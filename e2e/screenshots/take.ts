import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, expect } from '@playwright/test';
import { browserArgs, findBrowser } from '@/e2e/browser/find-browser';
import type { Offpeak } from '@/e2e/process/start-offpeak';
import { startLivelyOffpeak } from './lively-offpeak';

/** Takes the README's pictures anew: `node --import tsx e2e/screenshots/take.ts`. */

const MOST_BYTES = 200_000;

const THEMES = ['light', 'dark'] as const;

async function take(browser: Browser, { origin, adminToken }: Offpeak, theme: (typeof THEMES)[number]): Promise<void> {
  const context = await browser.newContext({
    baseURL: origin,
    viewport: { width: 1280, height: 960 },
    colorScheme: theme,
    reducedMotion: 'reduce',
    timezoneId: 'UTC',
    locale: 'en-US',
  });
  const page = await context.newPage();
  await page.request.post('/api/session', { data: { token: adminToken } });
  await page.goto('/?from=now-6h');
  await page.getByRole('region', { name: 'Requests', exact: true }).getByRole('application').waitFor();
  await expect(page.locator('[aria-busy="true"]')).toHaveCount(0);
  const path = fileURLToPath(new URL(`overview-${theme}.png`, import.meta.url));
  await page.screenshot({ path });
  await context.close();
  const { size } = statSync(path);
  if (size > MOST_BYTES) throw new Error(`${path} has ${size} bytes, more than ${MOST_BYTES}`);
}

const offpeak = await startLivelyOffpeak();
const browser = await chromium.launch({ executablePath: findBrowser() ?? '', args: browserArgs() });
try {
  for (const theme of THEMES) await take(browser, offpeak, theme);
} finally {
  await browser.close();
  await offpeak.stop();
}
