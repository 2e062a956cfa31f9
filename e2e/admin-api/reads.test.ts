import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OpenedRecord } from '@/lib/core/request-record';
import { Ingest } from '@/lib/store/ingest';
import { closedRecord, openedRecord } from '@/lib/testing/records';
import { type AdminProcess, adminProcess, ORIGIN } from './admin-process';

let admin: AdminProcess;
const made: OpenedRecord[] = [];

beforeAll(async () => {
  admin = await adminProcess();
  const now = Date.now();
  for (let i = 0; i < 7; i++)
    made.push(openedRecord({ arrivedAt: now - 60_000 - i * 1_000, model: i % 2 ? 'claude-a' : 'claude-b' }));
  await new Ingest(admin.deps.pools.hot).write(made.map((opened) => ({ opened, closed: closedRecord(opened) })));
});
afterAll(() => admin.stop());

const get = (path: string) => admin.call('GET', path, { token: admin.tokens.viewer });

test('the log is paged by cursors', async () => {
  const ids: string[] = [];
  let cursor = '';
  do {
    const { json } = await get(`/api/requests?limit=3${cursor && `&cursor=${cursor}`}`);
    ids.push(...json.rows.map((row: { id: string }) => row.id));
    cursor = json.nextCursor ?? '';
  } while (cursor);
  expect(ids).toEqual(made.map(({ id }) => `opr_${id}`));
});

test('repeated filters are alternatives', async () => {
  expect((await get('/api/requests?model=claude-a')).json.rows).toHaveLength(3);
  expect((await get('/api/requests?model=claude-a&model=claude-b&limit=500')).json.rows).toHaveLength(7);
});

test('a call under way is in the log at once, and has a page', async () => {
  const opened = openedRecord({ arrivedAt: Date.now(), model: 'claude-running' });
  admin.deps.spool.shipper.openRecords = () => [opened];
  const { json } = await get('/api/requests?limit=1');
  expect(json.rows).toMatchObject([{ id: `opr_${opened.id}`, state: 'running', model: 'claude-running' }]);
  expect((await get(`/api/requests/opr_${opened.id}`)).json.request.state).toBe('running');
  expect((await get('/api/metrics/latency?model=claude-running')).json.rows).toMatchObject([{ n: 0, pending: 1 }]);
  admin.deps.spool.shipper.openRecords = () => [];
});

test('one request comes with its attempts, and bodies where they were kept', async () => {
  const id = made[0]!.id;
  admin.deps.bodies.keep(id, '{"q":"\u0000"}', 'answer');
  await expect
    .poll(async () => (await get(`/api/requests/${id}`)).json.bodies)
    .toEqual({ request: '{"q":"\u0000"}', response: 'answer', truncated: false });
  expect((await get(`/api/requests/opr_${id}`)).json.attempts).toMatchObject([{ costUsd: '0.00022', delivered: true }]);
  for (const unknown of ['opr_x', "'", '00000000-0000-7000-8000-000000000000']) {
    expect((await get(`/api/requests/${encodeURIComponent(unknown)}`)).status).toBe(404);
  }
});

test('the metrics answer in their shapes', async () => {
  expect((await get('/api/metrics/summary?from=now-1h')).json).toMatchObject({
    requests: 7,
    errors: 0,
    costUsd: '0.00154',
  });
  const cost = await get('/api/metrics/cost?from=now-1h&groupBy=lane');
  expect(cost.json.bucket).toBe('1m');
  expect(cost.json.buckets.length).toBeGreaterThanOrEqual(60);
  expect((await get('/api/metrics/latency?from=now-1h&lane=sync')).json.rows).toHaveLength(2);
  expect(
    (await get('/api/metrics/latency-series?from=now-7d&bucket=1d&tz=Europe/Berlin')).json.buckets.length,
  ).toBeGreaterThanOrEqual(7);
  const volume = (await get('/api/metrics/requests-series?from=now-1h')).json.buckets;
  expect(volume.reduce((sum: number, one: { requests: number }) => sum + one.requests, 0)).toBe(7);
});

test('the status tells what every page needs', async () => {
  expect((await get('/api/status')).json).toMatchObject({
    version: '1.2.3',
    origin: ORIGIN,
    upstream: { origin: 'https://api.test', simulated: false, timeScale: 1 },
    database: 'up',
    spool: { dropped: 0 },
    operator: { name: 'viewer', role: 'viewer' },
    firstRequestAt: new Date(made.at(-1)!.arrivedAt).toISOString(),
  });
});

describe('queries', () => {
  test.each([
    ['/api/requests?colour=red', 'colour'],
    ['/api/requests?__proto__=x', '__proto__'],
    ['/api/requests?constructor=x', 'constructor'],
    ['/api/requests?limit=1&limit=2', 'limit'],
    ['/api/requests?limit=501', 'limit'],
    ['/api/requests?limit=0', 'limit'],
    ['/api/requests?limit=ten', 'limit'],
    ['/api/requests?lane=slow', 'lane'],
    ['/api/requests?tag=team', 'tag'],
    ['/api/requests?model=a%00b', 'model'],
    ['/api/requests?cursor=nonsense', 'cursor'],
    ['/api/requests?from=yesterday', 'from'],
    ['/api/requests?from=now&to=now-1h', 'from'],
    ['/api/requests?tz=Mars/Olympus', 'tz'],
    ['/api/metrics/cost?groupBy=password', 'groupBy'],
    ['/api/metrics/cost?groupBy=tag.__proto__', 'groupBy'],
    ['/api/metrics/cost?from=now-90d&bucket=1m', 'bucket'],
    ['/api/metrics/summary?bucket=1m', 'bucket'],
    ['/api/metrics/cost?from=2026-02-30', 'from'],
    ['/api/metrics/cost?tz=%2B02:00', 'tz'],
    ['/api/keys?name=nightly', 'name'],
    ['/api/policy?version=1', 'version'],
    [`/api/requests/opr_00000000-0000-7000-8000-000000000000?bodies=off`, 'bodies'],
  ])('%s names what is wrong', async (path, name) => {
    const answer = await get(path);
    expect([answer.status, answer.json.error.type]).toEqual([400, 'invalid_request_error']);
    expect(answer.json.error.message).toContain(name);
  });

  test('no text in any parameter breaks a statement or shows one', async () => {
    const payload = fc.oneof(
      fc.constantFrom(
        "'",
        "' or 1=1 --",
        '"; drop table requests; --',
        '__proto__',
        'constructor',
        '%',
        '*',
        '\\',
        '\0',
        '‮',
        '<script>',
        '=cmd()',
      ),
      fc.string({ unit: 'binary', maxLength: 40 }),
    );
    const names = [
      'from',
      'to',
      'tz',
      'model',
      'lane',
      'rule',
      'key',
      'tag',
      'status',
      'endpoint',
      'q',
      'cursor',
      'limit',
      'bucket',
      'groupBy',
    ];
    const paths = [
      '/api/requests',
      '/api/metrics/cost',
      '/api/metrics/latency',
      '/api/metrics/latency-series',
      '/api/metrics/summary',
    ];
    const parameters = fc.array(fc.tuple(fc.constantFrom(...names), payload), { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...paths), parameters, async (path, chosen) => {
        const answer = await get(
          `${path}?${new URLSearchParams(chosen.map(([name, text]) => [name, text.toWellFormed()]))}`,
        );
        expect([200, 400]).toContain(answer.status);
        expect(answer.text).not.toMatch(/select |upstream_id|PostgresError|syntax error/i);
      }),
      { numRuns: 300 },
    );
    expect((await get('/api/requests')).json.rows).toHaveLength(7);
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });
});
