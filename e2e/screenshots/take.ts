import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, expect, type Page } from '@playwright/test';
import { browserArgs, findBrowser } from '@/e2e/browser/find-browser';
import type { Offpeak } from '@/e2e/process/start-offpeak';
import { startLivelyOffpeak } from './lively-offpeak';
import { startSimulatedWeek } from './simulated-week';

/** Takes the README's pictures anew: `node --import tsx e2e/screenshots/take.ts`. */

const MOST_BYTES = 200_000;

interface Picture {
  name: string;
  path: string;
  theme: 'light' | 'dark';
  height: number;
  /** Resolves once it is all there. */
  ready: (page: Page) => Promise<void>;
}

const overview = (theme: Picture['theme']): Picture => ({
  name: `overview-${theme}`,
  path: '/?from=now-6h',
  theme,
  height: 960,
  ready: (page) => page.getByRole('region', { name: 'Requests', exact: true }).getByRole('application').waitFor(),
});
const LATENCY: Picture = {
  name: 'latency-light',
  path: '/latency?from=now-7d',
  theme: 'light',
  height: 720,
  ready: (page) => page.getByRole('slider', { name: 'Deadline' }).waitFor(),
};

async function take(browser: Browser, { origin, adminToken }: Offpeak, picture: Picture): Promise<void> {
  const context = await browser.newContext({
    baseURL: origin,
    viewport: { width: 1280, height: picture.height },
    colorScheme: picture.theme,
    reducedMotion: 'reduce',
    timezoneId: 'UTC',
    locale: 'en-US',
  });
  const page = await context.newPage();
  await page.request.post('/api/session', { data: { token: adminToken } });
  await page.goto(picture.path);
  await picture.ready(page);
  await expect(page.locator('[aria-busy="true"]')).toHaveCount(0);
  const path = fileURLToPath(new URL(`${picture.name}.png`, import.meta.url));
  await page.screenshot({ path });
  await context.close();
  const { size } = statSync(path);
  if (size > MOST_BYTES) throw new Error(`${path} has ${size} bytes, more than ${MOST_BYTES}`);
}

const browser = await chromium.launch({ executablePath: findBrowser() ?? '', args: browserArgs() });
for (const [start, pictures] of [
  [startLivelyOffpeak, [overview('light'), overview('dark')]],
  [startSimulatedWeek, [LATENCY]],
] as const) {
  const offpeak = await start();
  try {
    for (const picture of pictures) await take(browser, offpeak, picture);
  } finally {
    await offpeak.stop();
  }
}
await browser.close();
