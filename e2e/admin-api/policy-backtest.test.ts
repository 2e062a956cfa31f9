import { afterAll, beforeAll, expect, test } from 'vitest';
import { SHIPPED_DOCUMENT } from '@/lib/core/policy/shipped';
import { Ingest } from '@/lib/store/ingest';
import { seedShippedPrices } from '@/lib/store/prices';
import { attemptRecord, closedRecord, openedRecord } from '@/lib/testing/records';
import { type AdminProcess, adminProcess } from './admin-process';

const CALLS = 12;
const ARRIVED = Date.UTC(2026, 10, 22, 12);
const RANGE = { from: '2026-11-22T11:00:00Z', to: '2026-11-22T13:00:00Z' };
const DECIDED = {
  optedOut: false,
  ineligible: null,
  laneDown: false,
  prefix: null,
  headers: {},
  estimateId: null,
  batchBacklog: 0,
  syncP95: null,
  spendToday: null,
  syncNeedMs: 5_000,
  expectedOutput: 100,
  patienceMs: null,
};

let admin: AdminProcess;
beforeAll(async () => {
  admin = await adminProcess();
  await seedShippedPrices(admin.deps.pools.admin);
  const logged = Array.from({ length: CALLS }, (_, i) => {
    const opened = openedRecord({
      arrivedAt: ARRIVED + i,
      upstream: 'https://api.test',
      simulated: false,
      lane: 'sync',
      rule: 'default',
      because: 'rule',
      toleranceMs: i < 5 ? 600_000 : null,
      ...(i > 0 && { facts: DECIDED }),
    });
    const attempts = [attemptRecord({ costPico: '1000000', syncCostPico: '1000000', delivered: true })];
    return { opened, closed: closedRecord(opened, { attempts }) };
  });
  await new Ingest(admin.deps.pools.hot).write(logged);
});
afterAll(() => admin.stop());

const backtest = (body: object, headers: Record<string, string> = {}) =>
  admin.call('POST', '/api/policy/backtest', { token: admin.tokens.viewer, body, headers });
const TO_BATCH = { rules: [], default: { lane: 'batch' } };

test('tells what a document would have changed', async () => {
  const { status, json } = await backtest({ document: TO_BATCH, ...RANGE });
  expect(status).toBe(200);
  expect(json).toMatchObject({
    from: '2026-11-22T11:00:00.000Z',
    to: '2026-11-22T13:00:00.000Z',
    requests: CALLS - 1,
    notEvaluable: 1,
    // No batch was ever measured here: nothing is claimed of what they would have cost.
    notMeasured: CALLS - 1,
    moved: { toBatch: CALLS - 1, toSync: 0 },
    costUsd: { actual: '0.000011', proposed: '0.000011' },
    savedUsd: '0',
    escalated: 0,
    missed: { count: 0, low: 0, high: 0 },
    perRule: [{ rule: 'default', requests: CALLS - 1 }],
  });
  expect(json.sample).toHaveLength(5);
  expect(json.sample[0]).toMatchObject({ logged: { lane: 'sync' }, proposed: { lane: 'batch', rule: 'default' } });
});

test('a range without calls is nothing, not an error', async () => {
  const { json } = await backtest({
    document: SHIPPED_DOCUMENT,
    from: '2026-11-20T00:00:00Z',
    to: '2026-11-21T00:00:00Z',
  });
  expect(json).toMatchObject({ requests: 0, notEvaluable: 0, latency: { actual: { p50: null } }, sample: [] });
});

test('as events: progress, then the same answer', async () => {
  const plain = await backtest({ document: TO_BATCH, ...RANGE });
  const { headers, text } = await backtest({ document: TO_BATCH, ...RANGE }, { accept: 'text/event-stream' });
  expect(headers.get('content-type')).toBe('text/event-stream');
  expect(headers.get('cache-control')).toContain('no-transform');
  const events = text
    .trim()
    .split('\n\n')
    .map((event) => event.split('\n'));
  expect(events.map(([name]) => name)).toEqual(['event: progress', 'event: result']);
  const [progress, result] = events.map(([, data = '']) => JSON.parse(data.slice('data: '.length)));
  expect(progress).toEqual({ done: CALLS, total: CALLS });
  expect(result).toEqual(plain.json);
});

test('who hangs up ends it', async () => {
  const range = { from: new Date(RANGE.from), to: new Date(RANGE.to) };
  const upstream = { origin: admin.deps.upstream.origin, simulated: false };
  const hangUp = new AbortController();
  const watch = { signal: hangUp.signal, onProgress: () => undefined };
  const running = admin.deps.backtest({ document: SHIPPED_DOCUMENT, upstream, range, now: ARRIVED }, watch);
  hangUp.abort(new Error('hung up'));
  await expect(running).rejects.toThrow('hung up');
});

test('no more than two at once', async () => {
  const answers = await Promise.all(Array.from({ length: 4 }, () => backtest({ document: TO_BATCH, ...RANGE })));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 503, 503]);
  expect(answers.find(({ status }) => status === 503)?.headers.get('retry-after')).toBe('5');
});

test.each<[string, object, number, string]>([
  ['no document', {}, 422, 'document'],
  ['a document with faults', { document: { rules: 'none' } }, 422, 'rules'],
  ['a range that ends before it begins', { document: TO_BATCH, from: 'now', to: 'now-1h' }, 400, 'from'],
  ['a moment that is none', { document: TO_BATCH, from: 'yesterday' }, 422, 'from'],
])('refuses %s', async (_, body, status, path) => {
  const answer = await backtest(body, { accept: 'text/event-stream' });
  expect([answer.status, answer.json.error.type]).toEqual([status, 'invalid_request_error']);
  expect(JSON.stringify(answer.json.errors ?? answer.json)).toContain(path);
});
