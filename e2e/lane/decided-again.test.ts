// biome-ignore-all lint/suspicious/noThenProperty: the document's own word
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { waitFor } from '@/e2e/process/wait-for';
import { decide } from '@/lib/core/decide';
import { type Uuid, uuidTime } from '@/lib/core/ids';
import { formatUsd } from '@/lib/core/money';
import { compilePolicy } from '@/lib/core/policy/compile';
import type { PolicyDocument } from '@/lib/core/policy/document';
import { replay } from '@/lib/core/policy/replay';
import { findLoggedCall } from '@/lib/store/logged-calls';
import { policyVersion } from '@/lib/store/policies';
import { ask, type LaneFleet, startLaneFleet } from './lane-fleet';

const OPUS = 'claude-opus-5-5';
const rule = (id: string, when: object, then: object, more: object = {}) => ({
  id,
  name: id,
  enabled: true,
  when,
  then,
  ...more,
});
/** Looks at everything that a condition can look at. */
const CURIOUS = {
  timeZone: 'Asia/Kolkata',
  rules: [
    rule('half', { field: 'tag.half', op: 'exists', value: true }, { lane: 'batch', window: '0ms' }, { rollout: 50 }),
    rule(
      'header',
      { field: 'header.x-team', op: 'glob', value: 'se*' },
      { lane: 'batch', deadline: '1h', window: '0ms' },
    ),
    rule(
      'measured',
      {
        all: [
          { field: 'tag.kind', op: 'eq', value: 'measured' },
          { field: 'batch.p50', op: 'lt', value: '10m' },
          { field: 'batch.samples', op: 'gte', value: 20 },
          { field: 'batch.backlog', op: 'gte', value: 0 },
          {
            any: [
              { field: 'hour', op: 'lte', value: 23 },
              { field: 'weekday', op: 'eq', value: 1 },
            ],
          },
          { not: { field: 'spend.today', op: 'gt', value: 1_000_000 } },
        ],
      },
      { lane: 'batch', deadline: '1h', window: '0ms' },
    ),
    rule('warm', { field: 'prefix_warm', op: 'eq', value: true }, { lane: 'sync' }),
    rule('judged', { field: 'tolerance', op: 'gte', value: '2m' }, { lane: 'auto', explore: 0.5, window: '0ms' }),
  ],
  default: { lane: 'sync', spill: true },
} as unknown as PolicyDocument;

let fleet: LaneFleet;
let answered = 0;

beforeAll(async () => {
  fleet = await startLaneFleet();
});
afterAll(() => fleet?.close());

const SYSTEM = [
  { type: 'text' as const, text: 'Long instructions. '.repeat(2_000), cache_control: { type: 'ephemeral' as const } },
];

async function call(headers: Record<string, string>, over: object = {}): Promise<void> {
  const params = { ...ask(randomBytes(4).toString('hex'), { model: OPUS, max_tokens: 64 }), ...over };
  await fleet.client().messages.create(params, { headers });
  answered++;
}

async function measured(count: number): Promise<void> {
  const sql = fleet.gateway.database.pools.hot;
  await sql`
    insert into batches (id, upstream_id, state, msgbatch_id, nonce, credential, group_key, headers, model, size_class,
      items, bytes, created_at, posting_at, upstream_created_at, ended_at, seen_ended_at, closed_at, counts)
    select gen_random_uuid(), (select id from upstreams limit 1), 'closed', 'msgbatch_' || gen_random_uuid(), gen_random_uuid()::text, 'key:default',
      'g', '[]', ${OPUS}, 'small', 5, 100, at, at, at, at + n * interval '2s', at + n * interval '2s', at + n * interval '2s',
      '{"succeeded": 5}'
    from generate_series(1, ${count}::int) n, lateral (select now() - n * interval '3 min' as at) made`;
  await waitFor('the estimate', () => (fleet.gateway.deps.estimates.of(OPUS)?.batchSamples ?? 0) >= count);
}

it('every logged decision is made again from what was stored of it', async () => {
  const finishing = setInterval(() => fleet.finishAll(), 50);
  try {
    await call({ 'x-offpeak-tolerance': '10m' });
    await fleet.publish(CURIOUS);
    await measured(60);
    const tolerances = ['interactive', '3s', '30s', '2m', '4m', '10m', '2h'];
    await Promise.all([
      ...tolerances.flatMap((tolerance) => [
        call({ 'x-offpeak-tolerance': tolerance }),
        call({ 'x-offpeak-tolerance': tolerance, 'x-team': tolerance.length > 2 ? 'search' : 'other' }),
      ]),
      ...Array.from({ length: 12 }, () => call({ 'x-offpeak-tags': 'half=yes' })),
      ...Array.from({ length: 6 }, () => call({ 'x-offpeak-tolerance': '1m', 'x-offpeak-tags': 'kind=measured' })),
      call({ 'x-offpeak-lane': 'sync', 'x-offpeak-tolerance': '10m' }),
      call({ 'x-offpeak-tolerance': '10m' }, { fallbacks: 'none' }).catch(() => answered++),
      call({ 'x-claude-code-session-id': 's', 'user-agent': 'claude-cli/2.0' }),
    ]);
    // The first one warms the prefix that the others would read.
    await call({ 'x-offpeak-tolerance': 'interactive' }, { system: SYSTEM });
    await call({ 'x-offpeak-tolerance': '10m' }, { system: SYSTEM });
    await fleet.publish({ default: { lane: 'batch', window: '0ms' } });
    await call({}, { max_tokens: 16 });
  } finally {
    clearInterval(finishing);
  }
  const { deps, database } = fleet.gateway;
  const logged = () => database.pools.hot<Logged[]>`
    select id, lane, rule, because, policy_version, cost_pico from requests where endpoint = 'messages' and opted_out is not null`;
  await waitFor('the log', async () => (await logged()).length === answered);
  const rows = await logged();
  const versions = new Map<number, PolicyDocument>();
  for (const row of rows) {
    const { policy_version: version } = row;
    if (!versions.has(version))
      versions.set(version, (await policyVersion(deps.pools.admin, version))?.document ?? CURIOUS);
    const document = versions.get(version) ?? CURIOUS;
    const again = await findLoggedCall(database.pools.hot, row.id, deps.prices.book);
    if (again === null || again === 'not_stored') throw new Error(`nothing is stored of ${row.id}`);
    const { facts, judge } = replay(again);
    const { lane, rule: matched, because } = decide(compilePolicy(document, { version, paused: false }), facts, judge);
    expect([row.id, lane, matched, because]).toEqual([row.id, row.lane, row.rule, row.because]);
  }
  const reasons = new Set(rows.map(({ rule: matched, because }) => `${matched} ${because}`));
  // The comparison above is worth what it has seen.
  for (const reason of [
    'half rule',
    'header rule',
    'measured rule',
    'warm rule',
    'judged auto',
    'override rule',
    'default rule',
  ]) {
    expect([...reasons]).toContain(reason);
  }

  const backtest = (document: PolicyDocument, from: number, to: number) =>
    deps.backtest(
      {
        document,
        upstream: { origin: deps.upstream.origin, simulated: deps.upstream.simulated },
        range: { from: new Date(from), to: new Date(to) },
        now: Date.now(),
      },
      { signal: new AbortController().signal, onProgress: () => undefined },
    );
  const all = await backtest(CURIOUS, Date.now() - 3_600_000, Date.now() + 1_000);
  expect(all.requests + all.notEvaluable).toBe(answered);
  // Before a policy named the header, and after, nobody wrote it down.
  expect(all.notEvaluable).toBe(rows.filter((row) => row.policy_version !== 2).length);

  const own = rows.filter((row) => row.policy_version === 2);
  const times = own.map(({ id }) => uuidTime(id));
  const again = await backtest(CURIOUS, Math.min(...times), Math.max(...times) + 1);
  const cost = formatUsd(own.reduce((sum, row) => sum + BigInt(row.cost_pico), 0n));
  expect(again).toMatchObject({
    requests: own.length,
    notEvaluable: 0,
    moved: { toBatch: 0, toSync: 0 },
    costUsd: { actual: cost, proposed: cost },
    savedUsd: '0',
    sample: [],
  });
  for (const { rule: id, requests } of again.perRule) {
    expect([id, requests]).toEqual([id, own.filter((row) => row.rule === id).length]);
  }
}, 120_000);

interface Logged {
  id: Uuid;
  lane: string;
  rule: string;
  because: string;
  policy_version: number;
  cost_pico: string;
}
