import { readFile } from 'node:fs/promises';
import { expect, type Page } from '@playwright/test';
import type { Offpeak } from '@/e2e/process/start-offpeak';
import { waitFor } from '@/e2e/process/wait-for';
import type { BatchesAnswer } from '@/lib/contract/batches';
import type { LatencyAnswer } from '@/lib/contract/metrics';
import type { WaitingValueAnswer } from '@/lib/contract/turnaround-metrics';
import { clientOf } from './client-of';
import { judge } from './judge-page';
import { logIn, test, visit, withOffpeak } from './offpeak-test';
import { shownMoney } from './shown-amounts';

const MODELS = ['claude-haiku-5-5', 'claude-sonnet-5-5'];
const EACH = 6;

withOffpeak({
  // A batch of minutes takes a second or so: long beside what the lane itself takes to see it.
  env: { OFFPEAK_SIM_TIME_SCALE: '200' },
  async prepare(offpeak) {
    const { version } = await offpeak.api.get<{ version: number }>('/api/policy');
    const document = {
      rules: [
        {
          id: 'patient',
          name: 'Patient',
          enabled: true,
          when: { field: 'tolerance', op: 'exists', value: true },
          // biome-ignore lint/suspicious/noThenProperty: the policy document's own word
          then: { lane: 'batch', window: '0ms', maxItems: 1 },
        },
      ],
      default: { lane: 'sync' },
    };
    const { status } = await offpeak.api.call('PUT', '/api/policy', { document, baseVersion: version });
    if (status !== 200) throw new Error(`the policy was answered ${status}`);
    await Promise.all(MODELS.flatMap((model) => Array.from({ length: EACH }, () => bothWays(offpeak, model))));
    await waitFor(
      'the calls to be in the log',
      async () => (await offpeak.api.requests()).length === 2 * MODELS.length * EACH,
    );
  },
});
test.beforeEach(({ page, offpeak }) => logIn(page, offpeak.adminToken));

async function bothWays({ origin, apiKey }: Offpeak, model: string): Promise<void> {
  const ask = (headers: Record<string, string>) =>
    clientOf(origin, apiKey, headers).messages.create({
      model,
      max_tokens: 200,
      messages: [{ role: 'user', content: `${Math.random()} [[sim:output=40]]` }],
    });
  await Promise.all([ask({}), ask({ 'x-offpeak-tolerance': '1h' })]);
}

const panel = (page: Page, name: string) => page.getByRole('region', { name, exact: true });
const slider = (page: Page) => page.getByRole('slider', { name: 'Deadline' });
const rowOf = (page: Page, region: string | RegExp, model: string) =>
  page
    .getByRole('region', { name: region })
    .getByRole('row')
    .filter({ has: page.getByText(model, { exact: true }) });

/** Nearest rank, restated. */
function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.ceil(values.length / 2) - 1] ?? Number.NaN;
}

test('what the deadline reads is what the batches took', async ({ page, offpeak }) => {
  const { rows } = await offpeak.api.get<BatchesAnswer>('/api/batches?from=now-1h&limit=500');
  await visit(page, '/latency?from=now-1h');
  for (const model of MODELS) {
    const took = rows.filter((row) => row.model === model).map(({ turnaroundMs }) => turnaroundMs ?? Number.NaN);
    expect(took).toHaveLength(EACH);
    // Curves keep three digits: half a percent beside the fourth batch it has ended for certain.
    const deadline = Math.ceil(([...took].sort((a, b) => a - b)[3] ?? 0) * 1.005) + 1;
    const share = took.filter((ms) => ms <= deadline).length / EACH;
    await page.getByLabel('Deadline, such as').fill(`${deadline}ms`);
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(/deadline=\d+m?s/);
    const row = rowOf(page, /^Done within/, model);
    await expect(row.getByRole('cell').first()).toHaveText(`${Math.round(share * 100)} %`);
    await expect(row).toContainText(new RegExp(`n = ${EACH} \\(95 % \\d+–\\d+\\)`));
    await expect(slider(page)).toHaveAttribute(
      'aria-valuetext',
      new RegExp(`${Math.round(share * 100)} % of ${model} batches`),
    );
  }
});

test('what a minute of waiting buys is what the log says', async ({ page, offpeak }) => {
  const requests = await offpeak.api.requests();
  const answer = await offpeak.api.get<WaitingValueAnswer>('/api/metrics/waiting-value?from=now-1h');
  await visit(page, '/latency?from=now-1h');
  for (const model of MODELS) {
    const of = (lane: string) => requests.filter((row) => row.model === model && row.lane === lane);
    const latency = (lane: string) => median(of(lane).map(({ latencyMs }) => latencyMs ?? Number.NaN));
    const saved = of('batch').reduce((sum, row) => sum + Number(row.syncCostUsd) - Number(row.costUsd), 0) / EACH;
    const perMinute = saved / ((latency('batch') - latency('sync')) / 60_000);
    const told = answer.rows.find((row) => row.model === model);
    expect(saved).toBeGreaterThan(0);
    expect(Number(told?.savedPerRequestUsd)).toBeCloseTo(saved, 12);
    // Percentiles are exact to 2 %.
    expect(Number(told?.savedPerMinuteUsd) / perMinute).toBeGreaterThan(0.95);
    expect(Number(told?.savedPerMinuteUsd) / perMinute).toBeLessThan(1.05);
    const row = rowOf(page, 'What a minute of waiting buys, table', model.replace('claude-', ''));
    await expect(row).toContainText(shownMoney(Number(told?.savedPerMinuteUsd)));
  }
  await expect(panel(page, 'What a minute of waiting buys')).toContainText('Not enough measured');
});

test('the deadline is moved by key and by hand', async ({ page }) => {
  await visit(page, '/latency?from=now-1h');
  const mark = slider(page);
  await expect(mark).toHaveAttribute('aria-valuenow', '600');
  await mark.focus();
  await page.keyboard.press('ArrowRight');
  await expect(mark).toHaveAttribute('aria-valuenow', '720');
  await expect(page).toHaveURL(/deadline=12m/);
  await expect(page.getByLabel('Deadline, such as')).toHaveValue('12m');
  await page.keyboard.press('Home');
  await expect(mark).toHaveAttribute('aria-valuetext', new RegExp(`0 % of ${MODELS[0]} batches, n = ${EACH}`));
  const box = await mark.boundingBox();
  if (!box) throw new Error('the mark has no box');
  await page.mouse.move(box.x + box.width / 2, box.y + 80);
  await page.mouse.down();
  await page.mouse.move(box.x + 200, box.y + 80, { steps: 5 });
  await page.mouse.up();
  await expect.poll(async () => Number(await mark.getAttribute('aria-valuenow'))).toBeGreaterThan(0.2);
  await visit(page, page.url());
  expect(Number(await mark.getAttribute('aria-valuenow'))).toBeGreaterThan(0.2);
});

test('the distributions as a table and as CSV are the API’s steps', async ({ page, offpeak }) => {
  const { rows } = await offpeak.api.get<LatencyAnswer>('/api/metrics/latency?from=now-1h');
  const drawn = rows.filter(({ lane, measure }) => measure === (lane === 'batch' ? 'turnaround' : 'latency'));
  await visit(page, '/latency?from=now-1h');
  await page.getByRole('button', { name: 'Done within: view as table' }).click();
  const steps = drawn.reduce((sum, { cdf }) => sum + cdf.length, 0);
  await expect(page.getByRole('region', { name: 'Done within, table' }).getByRole('row')).toHaveCount(steps + 1);
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Done within: download CSV' }).click(),
  ]);
  const lines = (await readFile(await file.path(), 'utf8')).trimEnd().split('\r\n');
  expect(lines).toHaveLength(steps + 1);
  const first = drawn.find(({ model, lane }) => model === MODELS[0] && lane === 'batch');
  const [ms = 0, ...shares] = first?.cdf[0] ?? [];
  expect(lines).toContain(
    [MODELS[0], 'batch', 'turnaround', EACH, 0, Math.round(ms), ...shares.map((share) => share.toFixed(4))].join(','),
  );
});

test('with data in every panel: reachable for all, no wider than the screen', async ({ page }) => {
  await visit(page, '/latency?from=now-1h');
  await expect(slider(page)).toBeVisible();
  await expect(panel(page, 'Turnaround by batch size').getByRole('cell').first()).toContainText(`n = ${EACH}`);
  await expect(page.locator('[aria-busy="true"]')).toHaveCount(0);
  await judge(page);
});
