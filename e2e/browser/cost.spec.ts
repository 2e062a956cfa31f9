import { readFile } from 'node:fs/promises';
import { expect, type Page } from '@playwright/test';
import type { CostAnswer, Summary } from '@/lib/contract/metrics';
import type { TokensAnswer } from '@/lib/contract/spend-metrics';
import { makeCalls, mixedCalls } from './calls';
import { logIn, test, visit, withOffpeak } from './offpeak-test';
import { shownCount, shownMoney } from './shown-amounts';
import { simulatorBill } from './simulator-bill';

withOffpeak({ prepare: async (offpeak) => void (await makeCalls(offpeak, mixedCalls())) });
test.beforeEach(({ page, offpeak }) => logIn(page, offpeak.adminToken));

const panel = (page: Page, name: string) => page.getByRole('region', { name, exact: true });
const PICO_PER_USD = 1e12;

async function csvOf(page: Page, title: string): Promise<string[][]> {
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: `${title}: download CSV` }).click(),
  ]);
  const text = await readFile(await file.path(), 'utf8');
  return text
    .trimEnd()
    .split('\r\n')
    .map((line) => line.split(','));
}

test('spend and tokens on the page are the simulator’s own bill', async ({ page, offpeak }) => {
  const bill = await simulatorBill(offpeak.dataDir);
  const usd = (some: typeof bill) => some.reduce((sum, { costPicoUsd }) => sum + Number(costPicoUsd), 0) / PICO_PER_USD;
  await visit(page, '/cost?from=now-1h');
  const tiles = page.getByRole('region', { name: 'Key figures of cost' });
  await expect(tiles.locator('dt:text-is("Spend") ~ dd').first()).toHaveText(shownMoney(usd(bill)));
  const table = page.getByRole('region', { name: 'What a request costs, table' });
  const { byModel } = await offpeak.api.get<TokensAnswer>('/api/metrics/tokens?from=now-1h');
  const summary = await offpeak.api.get<Summary>('/api/metrics/summary?from=now-1h');
  for (const model of new Set(bill.map((entry) => entry.model))) {
    const billed = bill.filter((entry) => entry.model === model);
    const tokens = byModel.find((row) => row.model === model)?.tokens;
    const sum = (name: 'input_tokens' | 'output_tokens' | 'cache_read_input_tokens') =>
      billed.reduce((all, { usage }) => all + (usage?.[name] ?? 0), 0);
    expect([tokens?.input, tokens?.output, tokens?.cacheRead]).toEqual([
      sum('input_tokens'),
      sum('output_tokens'),
      sum('cache_read_input_tokens'),
    ]);
    const requests = summary.byModel.find((row) => row.model === model)?.requests ?? 0;
    const row = table.getByRole('row').filter({ has: page.getByRole('link', { name: model, exact: true }) });
    await expect(row.getByRole('cell')).toContainText([
      shownCount(requests),
      shownMoney(usd(billed)),
      shownMoney(usd(billed) / requests),
    ]);
  }
});

test('spend is split by tag, read as a table, and taken along as CSV', async ({ page, offpeak }) => {
  await visit(page, '/cost?from=now-1h');
  await page.getByLabel('Split spend by').selectOption('tag');
  await page.getByLabel('Name of the tag').fill('team');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/by=tag\.team/);
  await page.getByRole('button', { name: 'Spend: view as table' }).click();
  const table = page.getByRole('region', { name: 'Spend, table' });
  await expect(table.getByRole('columnheader')).toContainText(['from', 'to', 'search (USD)', 'support (USD)']);
  const [head = [], ...rows] = await csvOf(page, 'Spend');
  const { buckets } = await offpeak.api.get<CostAnswer>(
    '/api/metrics/cost?from=now-1h&groupBy=tag.team&tz=Europe/Berlin',
  );
  const column = head.indexOf('search (USD)');
  const sum = (values: readonly string[]) => values.reduce((all, value) => all + Number(value), 0);
  expect(sum(rows.map((row) => row[column] ?? ''))).toBeCloseTo(
    sum(buckets.map(({ series }) => series.search ?? '0')),
    12,
  );
  for (const row of rows) {
    expect(row[0]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:00\+0[12]:00$/);
    expect(row[column]).toMatch(/^\d+(\.\d+)?$/);
  }
});

test('a bar opens exactly its requests, by click and by Enter; a drag zooms; back and a button undo', async ({
  page,
  offpeak,
}) => {
  await visit(page, '/cost?from=now-6h');
  const spend = panel(page, 'Spend');
  const chart = spend.getByRole('application');
  await expect(chart).toBeVisible();
  const bar = spend.locator('[data-series="claude-opus-5-5"]').last();
  await bar.click();
  await expect(page).toHaveURL(/\/requests\?model=claude-opus-5-5&.*from=\d{4}-.*to=\d{4}-/);
  const query = new URL(page.url()).searchParams;
  query.delete('unzoom');
  const rows = await offpeak.api.requests(query.toString().replace(/&?refresh=\d+/, ''));
  expect(rows.map(({ model }) => model)).toEqual(['claude-opus-5-5']);
  await expect(page.locator('a[data-request]')).toHaveCount(1);
  await page.goBack();
  await expect(chart).toBeVisible();
  await chart.focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/requests\?from=\d{4}-.*to=\d{4}-/);
  await page.goBack();
  await expect(chart).toBeVisible();
  const box = await chart.boundingBox();
  if (!box) throw new Error('the chart has no box');
  await page.mouse.move(box.x + box.width * 0.5, box.y + 100);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.8, box.y + 100, { steps: 4 });
  await page.mouse.up();
  await expect(page).toHaveURL(/\/cost\?from=\d{4}-.*to=\d{4}-/);
  await page.goBack();
  await expect(page).toHaveURL('/cost?from=now-6h');
  await page.goForward();
  const unzoom = page.getByRole('button', { name: 'Reset zoom' });
  await unzoom.click();
  await expect(page).toHaveURL('/cost?from=now-6h');
  await expect(unzoom).toHaveCount(0);
});

test('filters narrow every figure to the simulator’s own bill and go along from page to page', async ({
  page,
  offpeak,
}) => {
  const model = 'claude-opus-5-5';
  const bill = (await simulatorBill(offpeak.dataDir)).filter((entry) => entry.model === model);
  const usd = bill.reduce((sum, { costPicoUsd }) => sum + Number(costPicoUsd), 0) / PICO_PER_USD;
  await visit(page, '/cost?from=now-1h');
  await page.getByRole('button', { name: 'Model', exact: true }).click();
  await page.getByRole('dialog', { name: 'Model' }).getByRole('checkbox', { name: model }).check();
  await page.keyboard.press('Escape');
  const spendOf = (name: string) => page.getByRole('region', { name }).locator('dt:text-is("Spend") ~ dd').first();
  await expect(spendOf('Key figures of cost')).toHaveText(shownMoney(usd));
  await expect(page.getByRole('region', { name: 'What a request costs, table' }).getByRole('row')).toHaveCount(2);
  await page.keyboard.press('g');
  await page.keyboard.press('o');
  await expect(page).toHaveURL(`/?model=${model}&from=now-1h`);
  await expect(spendOf('Key figures of the range')).toHaveText(shownMoney(usd));
  await page.keyboard.press('g');
  await page.keyboard.press('r');
  await expect(page.getByRole('button', { name: `Model: ${model}` })).toBeVisible();
  const rows = await offpeak.api.requests(`from=now-1h&model=${model}`);
  await expect(page.locator('a[data-request]')).toHaveCount(rows.length);
  await page.keyboard.press('g');
  await page.keyboard.press('l');
  await expect(page.getByRole('button', { name: `Model: ${model}` })).toBeVisible();
});

test('the period before is asked for, and kept in the address from page to page', async ({ page }) => {
  await visit(page, '/cost?from=now-1h');
  const asked = page.waitForResponse((response) => /metrics\/savings\?from=\d{4}-/.test(response.url()));
  await page.getByRole('checkbox', { name: 'Period before' }).check();
  expect((await asked).status()).toBe(200);
  await expect(page).toHaveURL('/cost?from=now-1h&compare=true');
  await page.keyboard.press('g');
  await page.keyboard.press('l');
  const latency = page.waitForResponse((response) => /latency-series\?from=\d{4}-/.test(response.url()));
  await expect(page).toHaveURL('/latency?from=now-1h&compare=true');
  expect((await latency).status()).toBe(200);
  const volume = page.waitForResponse((response) => /metrics\/requests-series\?from=\d{4}-/.test(response.url()));
  await page.keyboard.press('g');
  await page.keyboard.press('o');
  await expect(page).toHaveURL('/?from=now-1h&compare=true');
  expect((await volume).status()).toBe(200);
  await page.keyboard.press('c');
  await expect(page).toHaveURL('/?from=now-1h');
});
