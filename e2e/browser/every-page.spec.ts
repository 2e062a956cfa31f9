import { expect } from '@playwright/test';
import { makeCalls, mixedCalls } from './calls';
import { judge, judgeAll } from './judge-page';
import { logIn, test, visit, withOffpeak } from './offpeak-test';
import { PAGES } from './pages';

const BANNER = 'Simulated upstream. No call reaches Anthropic and no cost is real';

let ids: string[] = [];
withOffpeak({
  prepare: async (offpeak) => {
    ids = await makeCalls(offpeak, mixedCalls());
  },
});

test('every page is reachable for all and marked as simulated', async ({ page, offpeak }) => {
  test.setTimeout(300_000);
  await logIn(page, offpeak.adminToken);
  await judgeAll(page, PAGES, async () => {
    await expect(page.getByRole('region', { name: 'Notices' })).toContainText(BANNER);
    await expect(page.getByRole('heading', { level: 1 })).toHaveCount(1);
  });
});

test('a request’s own page, the login page, and a page that does not exist', async ({ page, offpeak, watch }) => {
  test.setTimeout(120_000);
  watch.expectFault(/status of 404/);
  await page.goto('/login');
  await expect(page.getByRole('button', { name: 'Log in' })).toBeVisible();
  await judge(page);
  await logIn(page, offpeak.adminToken);
  await visit(page, `/requests/${ids[0]}`);
  await expect(page.getByRole('heading', { name: 'Usage' })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Notices' })).toContainText(BANNER);
  await judge(page);
  await page.goto('/nowhere');
  await expect(page.getByRole('heading', { name: 'There is no such page' })).toBeVisible();
  await judge(page);
});
