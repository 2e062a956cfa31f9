import { expect, type Page } from '@playwright/test';
import { makeCalls, mixedCalls } from './calls';
import { listening, logIn, test, visit, withOffpeak } from './offpeak-test';

let ids: string[] = [];
withOffpeak({
  prepare: async (offpeak) => {
    ids = await makeCalls(offpeak, mixedCalls());
  },
});

test.beforeEach(({ page, offpeak }) => logIn(page, offpeak.adminToken));

const table = (page: Page) => page.getByRole('region', { name: 'Requests, table' });
const links = (page: Page) => table(page).locator('a[data-request]');
const drawer = (page: Page) => page.getByRole('dialog', { name: 'Request', exact: true });

async function pick(page: Page, menu: string, choice: string): Promise<void> {
  await page.getByRole('button', { name: menu, exact: true }).click();
  await page.getByRole('dialog', { name: menu, exact: true }).getByRole('checkbox', { name: choice }).first().check();
  await page.keyboard.press('Escape');
}

test('filters stand in the address; back takes them away; a link shows the same', async ({ page, context }) => {
  await visit(page, '/requests');
  await expect(links(page)).toHaveCount(14);
  await pick(page, 'Model', 'claude-sonnet-5-5');
  await expect(page).toHaveURL(/model=claude-sonnet-5-5/);
  await expect(links(page)).toHaveCount(7);
  await pick(page, 'State', 'failed');
  await expect(page).toHaveURL(/status=failed/);
  await expect(links(page)).toHaveCount(1);

  const other = await context.newPage();
  await visit(other, page.url());
  await expect(links(other)).toHaveCount(1);
  await expect(other.getByRole('button', { name: 'Model: claude-sonnet-5-5' })).toBeVisible();
  await expect(other.getByRole('button', { name: 'State: failed' })).toBeVisible();

  await page.goBack();
  await expect(page).not.toHaveURL(/status=/);
  await expect(links(page)).toHaveCount(7);
  await page.goBack();
  await expect(links(page)).toHaveCount(14);
  await page.goForward();
  await expect(links(page)).toHaveCount(7);
});

test('a filter menu closes by its button, by Escape and by a click beside it', async ({ page }) => {
  await visit(page, '/requests');
  const button = page.getByRole('button', { name: 'State', exact: true });
  const menu = page.getByRole('dialog', { name: 'State' });
  await button.click();
  await expect(menu.getByRole('checkbox').first()).toBeVisible();
  await button.click();
  await expect(menu).toHaveCount(0);
  await button.click();
  await menu.getByRole('checkbox', { name: 'failed' }).focus();
  await page.keyboard.press('Escape');
  await expect(menu).toHaveCount(0);
  await expect(button).toBeFocused();
  await button.click();
  await expect(menu).toBeVisible();
  await table(page).getByRole('columnheader', { name: 'Cost' }).click();
  await expect(menu).toHaveCount(0);
});

test('a tag and a text filter, and the way out of nothing found', async ({ page }) => {
  await visit(page, '/requests');
  await page.getByRole('button', { name: 'Tag', exact: true }).click();
  await page.getByRole('textbox', { name: 'Add tag' }).fill('job=nightly');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/tag=job(=|%3D)nightly/);
  await page.keyboard.press('Escape');
  await expect(links(page)).toHaveCount(6);
  await page.getByRole('textbox', { name: 'Search requests' }).fill('claude-haiku');
  await expect(page).toHaveURL(/q=claude-haiku/);
  await expect(page.getByText('No request in this range matches.')).toBeVisible();
  await page.getByRole('textbox', { name: 'Search requests' }).fill('');
  await expect(links(page)).toHaveCount(6);
});

test('an id in the search finds its request', async ({ page }) => {
  const [id = ''] = ids;
  await visit(page, '/requests');
  await page.getByRole('textbox', { name: 'Search requests' }).fill(id);
  await page.keyboard.press('Enter');
  await expect(links(page)).toHaveCount(1);
  await expect(links(page)).toHaveAttribute('data-request', id);
});

test('the drawer: by keyboard along the list, with an address, and the focus back where it was', async ({ page }) => {
  const newestFirst = ids.toReversed();
  await visit(page, '/requests?model=claude-haiku-5-5&model=claude-sonnet-5-5');
  const shown = newestFirst.filter((_, at) => at !== 1);
  await expect(links(page)).toHaveCount(shown.length);
  await links(page).nth(1).focus();
  await page.keyboard.press('Enter');
  await expect(drawer(page)).toContainText(shown[1] ?? '');
  await expect(page).toHaveURL(new RegExp(`/requests/${shown[1]}`));
  await page.keyboard.press('j');
  await expect(drawer(page)).toContainText(shown[2] ?? '');
  await page.keyboard.press('j');
  await expect(drawer(page)).toContainText(shown[3] ?? '');
  await page.keyboard.press('k');
  await expect(drawer(page)).toContainText(shown[2] ?? '');
  await expect(page).toHaveURL(new RegExp(`/requests/${shown[2]}`));
  await page.keyboard.press('Escape');
  await expect(drawer(page)).toHaveCount(0);
  await expect(page).toHaveURL(/\/requests\?model=claude-haiku-5-5&model=claude-sonnet-5-5/);
  await expect(links(page).nth(2)).toBeFocused();
});

test('the drawer goes with the back button; its address opens as a page', async ({ page }) => {
  await visit(page, '/requests');
  await links(page).first().click();
  await expect(drawer(page)).toBeVisible();
  const url = page.url();
  await page.goBack();
  await expect(drawer(page)).toHaveCount(0);
  await expect(page).toHaveURL('/requests');
  await visit(page, url);
  await expect(page.getByRole('heading', { name: 'Request', exact: true })).toBeVisible();
  await expect(page.getByRole('main')).toContainText(ids.at(-1) ?? '');
  await expect(drawer(page)).toHaveCount(0);
});

test('a failed call shows its error, and that nothing was billed', async ({ page }) => {
  const id = ids.at(-1) ?? '';
  await visit(page, `/requests/${id}`);
  const main = page.getByRole('main');
  await expect(main).toContainText('529 overloaded_error');
  await expect(main).toContainText('No usage: nothing was billed.');
  await expect(main.locator('dt:text-is("Cost") + dd')).toHaveText('$0.00');
});

test('a request that does not exist says so', async ({ page, watch }) => {
  watch.expectFault(/status of 404/);
  await visit(page, '/requests/opr_01a00000-0000-7000-8000-000000000000');
  await expect(page.getByRole('main').getByRole('alert')).toContainText('No such request');
});

test('columns are chosen and stay; new requests wait above', async ({ page, offpeak }) => {
  await visit(page, '/requests');
  await expect(links(page)).toHaveCount(14);
  await pick(page, 'Columns', 'Client');
  await expect(table(page).getByRole('columnheader', { name: 'Client' })).toBeVisible();
  await expect(table(page).getByRole('row', { name: /claude-opus-5-5/ })).toContainText('sdk-ts');
  await page.reload();
  await listening(page);
  await expect(table(page).getByRole('columnheader', { name: 'Client' })).toBeVisible();
  await makeCalls(offpeak, [{ model: 'claude-haiku-5-5' }]);
  await page.getByRole('button', { name: 'Refresh now' }).click();
  await expect(links(page)).toHaveCount(15);
});

test('the list as CSV: the filters’ rows, exact', async ({ page, offpeak }) => {
  await visit(page, '/requests?model=claude-opus-5-5');
  await expect(links(page)).toHaveCount(1);
  const downloading = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download the list as CSV, at most 100,000 rows' }).click();
  const stream = await (await downloading).createReadStream();
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  const [head = '', row = '', ...rest] = Buffer.concat(chunks).toString('utf8').split('\r\n');
  const cells = new Map(head.split(',').map((name, i) => [name, row.split(',')[i]]));
  const { request } = await offpeak.api.request(ids[12] ?? '');
  expect(rest).toEqual(['']);
  expect(['id', 'arrived_at_utc', 'model', 'key', 'cost_usd', 'latency_ms'].map((name) => cells.get(name))).toEqual([
    ids[12],
    request.arrivedAt,
    'claude-opus-5-5',
    'default',
    request.costUsd,
    String(request.latencyMs),
  ]);
});

test('facets tell how many requests each value leaves; the volume above the list follows the filters', async ({
  page,
}) => {
  await visit(page, '/requests?model=claude-sonnet-5-5');
  await expect(links(page)).toHaveCount(7);
  const volume = page.getByRole('region', { name: 'Volume' });
  await expect(volume).toContainText('7 finished, by arrival');
  await page.getByRole('button', { name: 'State', exact: true }).click();
  const states = page.getByRole('dialog', { name: 'State', exact: true });
  await expect(states.getByRole('checkbox', { name: /^succeeded/ })).toHaveAccessibleName(/succeeded 6$/);
  await expect(states.getByRole('checkbox', { name: /^failed/ })).toHaveAccessibleName(/failed 1$/);
  await expect(states).toContainText('Finished requests of the range.');
  await states.getByRole('checkbox', { name: /^failed/ }).check();
  await page.keyboard.press('Escape');
  await expect(volume).toContainText('1 finished, by arrival');
  await page.getByRole('button', { name: 'Hide the volume' }).click();
  await expect(volume).toHaveCount(0);
});

test('the head of a column orders the list by its highest, and a second press by time again', async ({
  page,
  offpeak,
}) => {
  await visit(page, '/requests');
  await expect(links(page).nth(13)).toBeVisible();
  await table(page).getByRole('button', { name: 'Cost' }).click();
  await expect(page).toHaveURL(/order=cost/);
  await expect(table(page)).toContainText('The most expensive of the newest 100,000');
  const costs = await Promise.all(
    (await links(page).evaluateAll((all) => all.map((one) => one.getAttribute('data-request') ?? ''))).map(async (id) =>
      Number((await offpeak.api.request(id)).request.costUsd),
    ),
  );
  expect(costs.length).toBeGreaterThan(10);
  expect(costs).toEqual(costs.toSorted((a, b) => b - a));
  await table(page).getByRole('button', { name: 'Cost' }).click();
  await expect(page).not.toHaveURL(/order=/);
});

test('views: those that come along, one of one’s own, by keyboard, and it is there again elsewhere', async ({
  page,
  browser,
  offpeak,
}) => {
  await visit(page, '/requests');
  const button = page.getByRole('button', { name: 'Views', exact: true });
  await button.focus();
  await page.keyboard.press('Enter');
  const panel = page.getByRole('dialog', { name: 'Views' });
  await expect(panel.getByRole('link')).toHaveText(['Errors', 'Escalated', 'Slowest batches', 'Most expensive']);
  await expect(panel.getByRole('link', { name: 'Errors' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/status=failed&status=refused&status=interrupted/);
  await expect(links(page)).toHaveCount(1);

  await button.click();
  const name = '<img src=x onerror=alert(1)>\u202E';
  await panel.getByRole('textbox', { name: 'Save what is shown as' }).fill(name);
  await panel.getByRole('checkbox', { name: 'Shared with everyone' }).check();
  await panel.getByRole('button', { name: 'Save view' }).click();
  await expect(panel.getByRole('list', { name: 'Saved views' })).toContainText('<img src=x onerror=alert(1)>⟨U+202E⟩');

  const other = await (await browser.newContext({ baseURL: offpeak.origin })).newPage();
  await logIn(other, offpeak.adminToken);
  await visit(other, '/requests');
  await other.getByRole('button', { name: 'Views', exact: true }).click();
  await other.getByRole('link', { name: /^<img src=x/ }).click();
  await expect(other).toHaveURL(/status=failed/);
  await expect(links(other)).toHaveCount(1);
  await other.context().close();

  await panel.getByRole('button', { name: /^Delete view/ }).click();
  await expect(panel.getByRole('list', { name: 'Saved views' })).toHaveCount(0);
});
