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

const rangePanel = (page: Page) => page.getByRole('dialog', { name: 'Time range' });
const scheme = (page: Page) => page.locator('html').getAttribute('data-mantine-color-scheme');

async function openOverview(page: Page): Promise<void> {
  await visit(page, '/');
  await expect(page.getByRole('region', { name: 'Latest requests' }).getByRole('row')).toHaveCount(13);
}

test('a range is chosen by keyboard, stays over pages, goes with back', async ({ page }) => {
  await openOverview(page);
  await page.keyboard.press('t');
  await rangePanel(page).getByRole('button', { name: 'Last hour' }).click();
  await expect(rangePanel(page)).toHaveCount(0);
  await expect(page).toHaveURL('/?from=now-1h');
  await expect(page.getByRole('button', { name: 'Last hour' })).toBeFocused();
  await page.keyboard.press('g');
  await page.keyboard.press('r');
  await expect(page).toHaveURL('/requests?from=now-1h');
  await page.getByRole('link', { name: 'Overview' }).click();
  await expect(page).toHaveURL('/?from=now-1h');
  await page.goBack();
  await page.goBack();
  await page.goBack();
  await expect(page).toHaveURL('/');
  await expect(page.getByRole('button', { name: 'Last 24 hours' })).toBeVisible();
});

test('the button that opens the range panel closes it, and so does a click beside it', async ({ page }) => {
  await visit(page, '/keys');
  const button = page.getByRole('region', { name: 'Search and time range' }).locator('[aria-haspopup="dialog"]');
  await button.click();
  await expect(rangePanel(page)).toBeVisible();
  await button.click();
  await expect(rangePanel(page)).toHaveCount(0);
  await button.click();
  await page.getByRole('heading', { name: 'Keys', exact: true }).click();
  await expect(rangePanel(page)).toHaveCount(0);
});

test('an own range is of the shown zone: a day with 25 hours', async ({ page }) => {
  // Berlin put its clocks back on 25 October 2026.
  await visit(page, '/requests?from=2026-10-24T22:00:00Z&to=2026-10-25T23:00:00Z');
  const button = page.getByRole('button', { name: /25 Oct 2026/ });
  await expect(button).toContainText('25 Oct 2026, 00:00 – 26 Oct 2026, 00:00');
  await button.click();
  await expect(rangePanel(page)).toContainText('Times in Europe/Berlin (UTC+2).');
  await rangePanel(page).getByLabel('From').fill('04:00');
  await rangePanel(page).getByRole('button', { name: 'Apply' }).click();
  await expect(page).toHaveURL(/from=2026-10-25T03(:|%3A)00(:|%3A)00\.000Z&to=2026-10-25T23(:|%3A)00(:|%3A)00\.000Z/);
  await page.keyboard.press('u');
  await expect(page.getByRole('button', { name: /25 Oct 2026/ })).toContainText(
    '25 Oct 2026, 03:00 – 25 Oct 2026, 23:00',
  );
});

test('a link with absolute times holds still', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await visit(page, '/requests?from=now-1h');
  await page.getByRole('button', { name: 'Last hour' }).click();
  await rangePanel(page).getByRole('button', { name: 'Copy link with absolute times' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'Link with absolute times copied' })).toBeAttached();
  const copied = new URL(await page.evaluate(() => navigator.clipboard.readText()));
  const ends = [copied.searchParams.get('from'), copied.searchParams.get('to')].map((end) => Date.parse(end ?? ''));
  expect((ends[1] ?? 0) - (ends[0] ?? 0)).toBe(3_600_000);
  await visit(page, copied.href);
  await expect(page.locator('a[data-request]')).toHaveCount(14);
});

test('the zone follows the switch, everywhere at once', async ({ page, offpeak }) => {
  const id = ids[0] ?? '';
  const { request } = await offpeak.api.request(id);
  const shown = (timeZone: string) =>
    `${new Intl.DateTimeFormat('en-GB', {
      timeZone,
      hourCycle: 'h23',
      day: 'numeric',
      month: 'short',
      year: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    }).format(Date.parse(request.arrivedAt))} ${timeZone}`;
  await visit(page, `/requests/${id}`);
  const arrived = page.getByRole('main').locator('dt:text-is("Arrived") + dd');
  await expect(arrived).toHaveText(shown('Europe/Berlin'));
  await page.getByRole('button', { name: /^Europe\/Berlin \(UTC\+[12]\)$/ }).click();
  await expect(arrived).toHaveText(shown('UTC'));
  await expect(page).toHaveURL(/tz=UTC/);
  await page.getByRole('link', { name: 'Overview' }).click();
  await expect(page).toHaveURL('/?tz=UTC');
  await page.getByRole('button', { name: 'Requests: view as table' }).click();
  const table = page.getByRole('region', { name: 'Requests, table' });
  await expect(table).toContainText(/T\d\d:\d\d:00Z/);
  await expect(table).not.toContainText(/[+-]\d\d:\d\d$/m);
  await page.keyboard.press('u');
  await expect(page).toHaveURL('/');
  await expect(table).toContainText(/T\d\d:\d\d:00\+0[12]:00/);
});

test('the theme is chosen, survives a reload, and never flashes', async ({ page }) => {
  await page.addInitScript(() => {
    const seen: string[] = [];
    Object.assign(window, { seen });
    const note = () => {
      if (document.body) seen.push(getComputedStyle(document.documentElement).colorScheme);
      if (seen.length < 30) requestAnimationFrame(note);
    };
    requestAnimationFrame(note);
  });
  await openOverview(page);
  expect(await scheme(page)).toBe('light');
  await page.getByRole('radio', { name: 'Dark' }).check({ force: true });
  await expect.poll(() => scheme(page)).toBe('dark');
  const dark = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await page.reload();
  await listening(page);
  await expect(page.getByRole('radio', { name: 'Dark' })).toBeChecked();
  expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe(dark);
  await expect
    .poll(() => page.evaluate(() => (window as unknown as { seen: string[] }).seen.length))
    .toBeGreaterThanOrEqual(10);
  const seen = await page.evaluate(() => (window as unknown as { seen: string[] }).seen);
  expect(new Set(seen)).toEqual(new Set(['dark']));
  await page.getByRole('radio', { name: 'System' }).check({ force: true });
  await expect.poll(() => scheme(page)).toBe('light');
  await page.emulateMedia({ colorScheme: 'dark' });
  await expect.poll(() => scheme(page)).toBe('dark');
});

test('the palette goes to pages, acts, and finds a request by its id', async ({ page }) => {
  await openOverview(page);
  const field = page.getByRole('textbox', { name: 'Search pages and actions' });
  await page.keyboard.press('Control+k');
  await field.fill('prices');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL('/prices');
  await page.keyboard.press('Control+k');
  await field.fill('utc');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL('/prices?tz=UTC');
  await page.keyboard.press('Control+k');
  await field.fill(ids[3] ?? '');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(`/requests/${ids[3]}?tz=UTC`);
  await expect(page.getByRole('main')).toContainText(ids[3] ?? '');
  await page.keyboard.press('Control+k');
  await expect(field).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(field).toHaveCount(0);
});

test('the sheet of shortcuts, which rest while one types', async ({ page }) => {
  await openOverview(page);
  await page.keyboard.press('?');
  const sheet = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await expect(sheet).toContainText('Palette');
  await page.keyboard.press('g');
  await page.keyboard.press('k');
  await page.keyboard.press('Escape');
  await expect(sheet).toHaveCount(0);
  await expect(page).toHaveURL('/');
  await page.keyboard.press('/');
  await expect(page.getByRole('textbox', { name: 'Search requests' })).toBeFocused();
  await page.keyboard.type('u?gk');
  await expect(page).toHaveURL('/requests?q=u?gk#search');
  await expect(sheet).toHaveCount(0);
});

test('figures refresh by themselves, hold still under what is opened, and say how old they are', async ({ page }) => {
  await page.clock.install();
  await visit(page, '/?refresh=10');
  const updated = page.getByText(/^(paused, )?updated \d+ s ago$/);
  await expect(updated).toBeVisible();
  let asked = 0;
  page.on('request', (request) => {
    if (request.url().includes('/api/metrics/summary?from=now-')) asked += 1;
  });
  await page.keyboard.press('t');
  await expect(rangePanel(page)).toBeVisible();
  await page.clock.runFor(500);
  await expect(updated).toHaveText(/^paused/);
  await page.clock.runFor(25_000);
  await expect(updated).toHaveText(/^paused, updated (2[5-9]|3\d) s ago$/);
  expect(asked).toBe(0);
  await page.keyboard.press('Escape');
  await expect(rangePanel(page)).toHaveCount(0);
  await page.clock.runFor(500);
  await page.clock.runFor(11_000);
  await expect.poll(() => asked).toBeGreaterThan(0);
  await page.clock.runFor(1_000);
  await expect(updated).toHaveText(/^updated \d s ago$/);
});

test('the first Tab leads past the navigation', async ({ page }) => {
  await openOverview(page);
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to content' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main')).toBeFocused();
});

test('a chart is walked by keyboard, and a drag over it sets the range', async ({ page }) => {
  await visit(page, '/?from=now-15m');
  const panel = page.getByRole('region', { name: 'Requests', exact: true });
  const chart = panel.getByRole('application');
  const head = panel.locator('[data-tooltip] p').first();
  await chart.focus();
  await expect(head).toBeVisible();
  const first = (await head.textContent()) ?? '';
  await page.keyboard.press('ArrowRight');
  await expect(head).not.toHaveText(first);
  const box = await chart.boundingBox();
  if (!box) throw new Error('the chart has no box');
  await page.mouse.move(box.x + box.width * 0.5, box.y + 60);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.7, box.y + 60, { steps: 4 });
  await page.mouse.up();
  await expect(page).toHaveURL(/from=\d{4}-.*&to=\d{4}-/);
  await page.goBack();
  await expect(page).toHaveURL('/?from=now-15m');
});
