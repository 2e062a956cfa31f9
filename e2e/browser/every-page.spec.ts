import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';
import { makeCalls, mixedCalls } from './calls';
import { logIn, test, visit, withOffpeak } from './offpeak-test';
import { OVERLAYS, PAGES, type View } from './pages';

let ids: string[] = [];
withOffpeak({
  prepare: async (offpeak) => {
    ids = await makeCalls(offpeak, mixedCalls());
  },
});

type AxeResults = Awaited<ReturnType<AxeBuilder['analyze']>>;
type RunOptions = Parameters<AxeBuilder['options']>[0];

const WIDE = { width: 1280, height: 800 };
const NARROW = { width: 390, height: 844 };
const BANNER = 'Simulated upstream. No call reaches Anthropic and no cost is real';

const EVERYTHING: RunOptions = { resultTypes: ['violations'] };
const COLOURS: RunOptions = { ...EVERYTHING, runOnly: ['color-contrast', 'link-in-text-block'] };

/** Both themes at both widths. A theme changes colours and nothing else. */
const LOOKS = [
  { viewport: WIDE, colorScheme: 'light', rules: EVERYTHING },
  { viewport: WIDE, colorScheme: 'dark', rules: COLOURS },
  { viewport: NARROW, colorScheme: 'dark', rules: EVERYTHING },
  { viewport: NARROW, colorScheme: 'light', rules: COLOURS },
] as const;

/** Brings axe into the page and judges it once. */
async function firstFaults(page: Page, rules: RunOptions): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().options(rules).analyze();
  return serious(violations);
}

/** Judges again with what is there already: bringing it in costs more than judging. */
async function faultsAgain(page: Page, rules: RunOptions): Promise<string[]> {
  const { violations } = await page.evaluate((options) => {
    const { axe } = window as unknown as { axe: { run: (options: RunOptions) => Promise<AxeResults> } };
    return axe.run(options);
  }, rules);
  return serious(violations);
}

/** Serious and critical faults, one line each. */
function serious(violations: AxeResults['violations']): string[] {
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`),
    );
}

/** The page itself never scrolls sideways; parts of it may. */
async function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

/** Judges what is open in every look, without loading it again. */
async function judge(page: Page): Promise<void> {
  let faults = firstFaults;
  for (const { viewport, colorScheme, rules } of LOOKS) {
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme });
    await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', colorScheme);
    await expect.poll(() => overflow(page), `page width at ${viewport.width}`).toBe(0);
    // Who asked for reduced motion sees the other theme at once: nothing fades.
    expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
    expect.soft(await faults(page, rules), `${colorScheme} at ${viewport.width}`).toEqual([]);
    faults = faultsAgain;
  }
}

async function open(page: Page, view: View, token: string): Promise<void> {
  await logIn(page, token);
  await visit(page, view.path);
  await view.ready(page);
}

for (const view of PAGES) {
  test(`the page ${view.name}: reachable for all, no wider than the screen, marked as simulated`, async ({
    page,
    offpeak,
  }) => {
    await open(page, view, offpeak.adminToken);
    await expect(page.getByRole('region', { name: 'Notices' })).toContainText(BANNER);
    await expect(page.getByRole('heading', { level: 1 })).toHaveCount(1);
    await judge(page);
    await expect(page.getByRole('region', { name: 'Notices' })).toContainText(BANNER);
  });
}

for (const view of OVERLAYS) {
  test(`${view.name}: reachable for all`, async ({ page, offpeak }) => {
    await open(page, view, offpeak.adminToken);
    await judge(page);
  });
}

test('a request’s own page', async ({ page, offpeak }) => {
  await logIn(page, offpeak.adminToken);
  await visit(page, `/requests/${ids[0]}`);
  await expect(page.getByRole('heading', { name: 'Usage' })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Notices' })).toContainText(BANNER);
  await judge(page);
});

test('the login page', async ({ page }) => {
  await page.goto('/login');
  await expect(page.getByRole('button', { name: 'Log in' })).toBeVisible();
  await judge(page);
});

test('a page that does not exist', async ({ page, offpeak, watch }) => {
  watch.expectFault(/status of 404/);
  await logIn(page, offpeak.adminToken);
  await page.goto('/nowhere');
  await expect(page.getByRole('heading', { name: 'There is no such page' })).toBeVisible();
  await judge(page);
});
