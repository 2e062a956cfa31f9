import { expect, type Page } from '@playwright/test';
import { makeCalls, mixedCalls } from './calls';
import { logIn, test, withOffpeak } from './offpeak-test';
import { PAGES, type View } from './pages';

withOffpeak({ prepare: async (offpeak) => void (await makeCalls(offpeak, mixedCalls())) });

/** Compressed script in bytes: what the document itself asks for, and all that came until the page was whole. */
const MOST_BEFORE_USABLE = 250_000;
const MOST_IN_ALL = 420_000;

const LOGIN: View = {
  name: 'login',
  path: '/login',
  ready: async (page) => expect(page.getByRole('button', { name: 'Log in' })).toBeVisible(),
};

interface Weight {
  name: string;
  scripts: number;
  first: number;
  lazy: number;
}

/** Bytes on the wire of each script of a page that nothing is cached for, as the browser counts them. */
async function weigh(page: Page, view: View): Promise<Weight> {
  const cdp = await page.context().newCDPSession(page);
  const scripts = new Map<string, { url: string; bytes: number }>();
  await cdp.send('Network.enable');
  await cdp.send('Network.setCacheDisabled', { cacheDisabled: true });
  cdp.on('Network.responseReceived', ({ requestId, type, response }) => {
    if (type === 'Script') scripts.set(requestId, { url: response.url, bytes: 0 });
  });
  cdp.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    const script = scripts.get(requestId);
    if (script) script.bytes = encodedDataLength;
  });
  const answer = await page.goto(view.path);
  const document = (await answer?.text()) ?? '';
  await view.ready(page);
  await page.waitForLoadState('networkidle');
  const all = [...scripts.values()];
  const sum = (some: typeof all) => some.reduce((bytes, script) => bytes + script.bytes, 0);
  const first = all.filter(({ url }) => document.includes(new URL(url).pathname));
  await cdp.detach();
  return { name: view.name, scripts: all.length, first: sum(first), lazy: sum(all) - sum(first) };
}

function table(weights: readonly Weight[]): string {
  const kb = (bytes: number) => (bytes / 1_000).toFixed(1).padStart(9);
  const rows = weights.map(
    ({ name, scripts, first, lazy }) =>
      `${name.padEnd(12)}${String(scripts).padStart(8)}${kb(first)}${kb(lazy)}${kb(first + lazy)}`,
  );
  return ['page         scripts first KB  lazy KB   all KB', ...rows].join('\n');
}

test('no page is heavy', async ({ page, offpeak }) => {
  // Ten pages, each loaded whole.
  test.setTimeout(180_000);
  const weights = [await weigh(page, LOGIN)];
  await logIn(page, offpeak.adminToken);
  for (const view of PAGES) weights.push(await weigh(page, view));
  process.stdout.write(`${table(weights)}\n`);
  for (const { name, first, lazy } of weights) {
    expect(first, `${name} before it is usable`).toBeGreaterThan(10_000);
    expect(first, `${name} before it is usable`).toBeLessThanOrEqual(MOST_BEFORE_USABLE);
    expect(first + lazy, `${name} in all`).toBeLessThanOrEqual(MOST_IN_ALL);
  }
});

for (const [name, viewport] of [
  ['a desk', { width: 1280, height: 800 }],
  ['a phone', { width: 390, height: 844 }],
] as const) {
  test(`the overview holds still while it loads, on ${name}`, async ({ page, offpeak }) => {
    await page.setViewportSize(viewport);
    await page.addInitScript(() => {
      const shifts: number[] = [];
      Object.assign(window, { shifts });
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) {
          const { value, hadRecentInput } = entry as PerformanceEntry & { value: number; hadRecentInput: boolean };
          if (!hadRecentInput) shifts.push(value);
        }
      }).observe({ type: 'layout-shift', buffered: true });
    });
    await logIn(page, offpeak.adminToken);
    const overview = PAGES.find((view) => view.name === 'overview');
    if (!overview) throw new Error('there is no overview');
    await page.goto(overview.path);
    await overview.ready(page);
    await page.waitForLoadState('networkidle');
    const shifts = await page.evaluate(() => (window as unknown as { shifts: number[] }).shifts);
    expect(shifts.reduce((sum, shift) => sum + shift, 0)).toBeLessThan(0.05);
  });
}
