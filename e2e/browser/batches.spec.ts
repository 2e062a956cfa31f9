import { expect, type Page } from '@playwright/test';
import type { Offpeak } from '@/e2e/process/start-offpeak';
import { waitFor } from '@/e2e/process/wait-for';
import type { BatchDetail, BatchesAnswer } from '@/lib/contract/batches';
import { clientOf } from './client-of';
import { judge } from './judge-page';
import { logIn, test, visit, withOffpeak } from './offpeak-test';

/** Long enough that a call can be seen waiting. */
const TURNAROUND_MS = 6_000;
const BACK_MS = 40_000;
const MODEL = 'claude-haiku-5-5';
const OTHER_MODEL = 'claude-sonnet-5-5';

withOffpeak({
  upstream: { sync: { instant: true }, turnaround: { fixedMs: TURNAROUND_MS } },
  async prepare(offpeak) {
    const { version } = await offpeak.api.get<{ version: number }>('/api/policy');
    const document = { rules: [], default: { lane: 'batch', deadline: '1h', window: '0ms' } };
    const { status } = await offpeak.api.call('PUT', '/api/policy', { document, baseVersion: version });
    if (status !== 200) throw new Error(`the policy was answered ${status}`);
    await call(offpeak, MODEL);
  },
});

test.beforeEach(({ page, offpeak }) => logIn(page, offpeak.adminToken));

const drawer = (page: Page) => page.getByRole('dialog', { name: 'Request', exact: true });
const batchesOf = async ({ api }: Offpeak, query: string) =>
  (await api.get<BatchesAnswer>(`/api/batches?${query}`)).rows;

function call(offpeak: Offpeak, model: string) {
  const client = clientOf(offpeak.origin, offpeak.apiKey, { 'x-offpeak-tolerance': '30m' });
  return client.messages
    .create({ model, max_tokens: 200, messages: [{ role: 'user', content: `${Math.random()} [[sim:output=40]]` }] })
    .withResponse();
}

const panel = (page: Page, name: string) => page.getByRole('region', { name, exact: true });

test('a call is seen waiting, in its batch, and delivered from it', async ({ page, offpeak }) => {
  test.setTimeout(150_000);
  const { api } = offpeak;
  await visit(page, '/requests');
  const answering = call(offpeak, MODEL);
  const row = await waitFor('the call to be listed', async () => (await api.requests('status=waiting'))[0]);
  expect(row).toMatchObject({ state: 'waiting', lane: 'batch', costUsd: null });
  const arrivedAt = Date.parse(row.arrivedAt);
  expect(Date.parse(row.deadlineAt ?? '')).toBe(arrivedAt + 30 * 60_000);

  await page.getByRole('button', { name: 'Refresh now' }).click();
  const listed = page.getByRole('region', { name: 'Requests, table' }).getByRole('row').nth(1);
  await expect(listed).toContainText('waiting');
  await listed.locator('a[data-request]').click();
  const timeline = drawer(page).getByRole('region', { name: 'Timeline' });
  await expect(timeline.getByRole('row', { name: /^Queued/ })).toBeVisible();
  await expect(timeline.getByRole('row', { name: /^In the batch/ })).toBeVisible();
  await expect(drawer(page)).toContainText(/Deadline in \d+ min \d\d s; answered by sync in/);
  await expect(timeline.getByRole('row', { name: /^Waiting/ })).toContainText('so far');

  // The drawer follows by itself.
  await expect(timeline.getByRole('row', { name: /^Delivered/ })).toBeVisible({ timeout: BACK_MS });
  const { data, response } = await answering;
  expect(data.usage.service_tier).toBe('batch');
  const id = response.headers.get('x-offpeak-request-id') ?? '';
  const detail = await api.request(id);
  expect(detail.request).toMatchObject({ id: row.id, state: 'succeeded', servedBy: 'batch', lane: 'batch' });
  expect(detail.attempts).toHaveLength(1);
  const [attempt] = detail.attempts;
  expect(detail.batch).toMatchObject({
    msgbatchId: detail.request.batchId,
    upstreamCreatedAt: attempt?.startedAt,
    endedAt: attempt?.endedAt,
  });
  await expect(timeline.getByRole('row', { name: /^Results read/ })).toBeVisible();
  await expect(drawer(page).getByRole('table').filter({ hasText: 'Answer' })).toContainText('yes');

  await drawer(page).getByRole('link', { name: 'Open', exact: true }).click();
  await expect(page).toHaveURL(new RegExp(`/batches/${detail.request.batchId}`));
  await expect(page.getByRole('heading', { name: 'Batch', exact: true })).toBeVisible();
  const main = page.getByRole('main');
  await expect(main.locator('dt:text-is("State") + dd')).toHaveText('closed');
  const known = await api.get<BatchDetail>(`/api/batches/${detail.request.batchId}`);
  // A batch costs half of what sync does: what was saved is what was paid.
  expect(known.batch).toMatchObject({
    items: 1,
    waiting: 0,
    delivered: 1,
    late: 0,
    costUsd: detail.request.costUsd,
    savedUsd: detail.request.costUsd,
    wasteUsd: '0',
  });
  expect(known.items.map(({ requestId }) => requestId)).toEqual([id]);
  await expect(page.getByRole('region', { name: 'Timeline', exact: true }).last()).toContainText('Worked on upstream');
  await page.locator(`a[data-request="${id}"]`).click();
  await expect(drawer(page)).toContainText(id);
  await page.keyboard.press('Escape');
  await expect(drawer(page)).toHaveCount(0);
  await judge(page);
});

test('what waits, what is at work and what was stand on one page; its filters stand in the address', async ({
  page,
  offpeak,
}) => {
  test.setTimeout(120_000);
  await visit(page, '/batches');
  const past = page.getByRole('region', { name: 'Past batches, table' });
  await expect(past).toContainText(MODEL);
  const calls = Promise.all(Array.from({ length: 3 }, () => call(offpeak, OTHER_MODEL)));
  await expect(panel(page, 'What waits now').locator('dt:text-is("Earliest deadline") + dd')).toHaveText(/^29 min/);
  await expect(page.getByRole('region', { name: 'Open batches, table' })).toContainText(OTHER_MODEL);
  await judge(page);
  await page.setViewportSize({ width: 1280, height: 800 });
  await calls;

  await waitFor(
    'the batches to be closed',
    async () => (await batchesOf(offpeak, `state=open&state=ended&model=${OTHER_MODEL}`)).length === 0,
  );
  await page.getByRole('button', { name: 'Refresh now' }).click();
  await expect(past).toContainText(OTHER_MODEL);
  await page.getByRole('button', { name: 'Model', exact: true }).click();
  await page.getByRole('dialog', { name: 'Model' }).getByRole('checkbox', { name: MODEL }).check();
  await page.keyboard.press('Escape');
  await expect(page).toHaveURL(/model=claude-haiku-5-5/);
  await expect(past).not.toContainText(OTHER_MODEL);
  await visit(page, '/batches?state=void');
  await expect(page.getByText('No batch in this range matches.')).toBeVisible();
  await page.goBack();
  await expect(past).toContainText(MODEL);
  await past.getByRole('link').first().focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Batch', exact: true })).toBeVisible();
});

test('the overview sets sync beside batch, and says what waits', async ({ page }) => {
  await visit(page, '/?from=now-1h');
  const lanes = page.getByRole('region', { name: 'Sync and batch, table' });
  await expect(panel(page, 'Sync and batch')).toContainText(/batch [1-9]\d* requests?, \$/);
  await expect(lanes.getByRole('row', { name: /^haiku-5-5/ }).first()).toBeVisible();
  await expect(panel(page, 'Waiting now').locator('dt:text-is("Queued") + dd')).toHaveText('0');
  await panel(page, 'Waiting now').getByRole('link').click();
  await expect(page).toHaveURL('/batches?from=now-1h');
});

test('a batch that does not exist says so', async ({ page, watch }) => {
  watch.expectFault(/status of 404/);
  await visit(page, '/batches/msgbatch_none');
  await expect(page.getByRole('main').getByRole('alert')).toContainText('No such batch');
});
