import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { stopEveryOffpeak } from '@/e2e/process/start-offpeak';
import { waitFor } from '@/e2e/process/wait-for';
import { FleetTraffic } from '@/e2e/replicas/fleet-traffic';
import { isSharded, PLACEMENT } from '@/e2e/replicas/placement';
import { ReplicaSet } from '@/e2e/replicas/replica-set';
import { isByDay, isById, type Reading, readingsOf } from '@/e2e/replicas/statement-plan';
import { type Sent, StatementRecorder } from '@/e2e/replicas/statement-recorder';
import '@/e2e/process/patience';

const MODEL = 'claude-haiku-5-5';

let recorder: StatementRecorder;
let set: ReplicaSet;
let statements: { sent: Sent; readings: Reading[] }[];

beforeAll(async () => {
  recorder = await StatementRecorder.to(inject('clusterUrl'));
  set = await ReplicaSet.start({
    simulator: { turnaround: { fixedMs: 1_000 }, sync: { instant: true }, rateLimits: 'off' },
    env: { OFFPEAK_LOG_BODIES: 'on' },
    databaseUrl: (direct) => recorder.url(direct),
  });
  await useEverything();
  statements = await explained();
});
afterAll(async () => {
  await stopEveryOffpeak();
  await set?.close();
  await recorder?.close();
});

/** The product at work: both lanes, an escalation, a retry, and every page of the dashboard. */
async function useEverything(): Promise<void> {
  const { process, api } = await set.add();
  // biome-ignore-start lint/suspicious/noThenProperty: the document's own word
  const rule = {
    id: 'can-wait',
    name: 'Can wait',
    enabled: true,
    when: { field: 'tolerance', op: 'exists', value: true },
  };
  const document = { rules: [{ ...rule, then: { lane: 'batch', window: '100ms' } }], default: { lane: 'sync' } };
  // biome-ignore-end lint/suspicious/noThenProperty: the document's own word
  await set.publish(document);
  const { id: keyId, secret } = await api.createKey({ name: 'one', tags: { team: 'a' }, monthlyBudgetUsd: '100' });
  const { origin } = set.balancer;
  const ask = (headers: Record<string, string>, word: string) =>
    fetch(`${origin}/v1/messages`, {
      method: 'POST',
      headers: {
        'x-api-key': secret,
        'anthropic-version': '2026-10-21',
        'content-type': 'application/json',
        ...headers,
      },
      body: JSON.stringify({ model: MODEL, max_tokens: 9, messages: [{ role: 'user', content: word }] }),
    }).then((response) => response.arrayBuffer());
  set.simulator.setTurnaround({ fixedMs: 600_000 });
  await ask({ 'x-offpeak-tolerance': '8s' }, 'escalated');
  set.simulator.setTurnaround({ fixedMs: 500 });
  const traffic = new FleetTraffic({ origin, key: secret, agents: 8, model: MODEL, tolerance: '1h' });
  await ask({ 'x-offpeak-tolerance': '1h', 'idempotency-key': 'k' }, 'kept');
  await ask({ 'x-offpeak-tolerance': '1h', 'idempotency-key': 'k' }, 'kept');
  await ask({ 'x-offpeak-tolerance': '1h', 'x-stainless-retry-count': '1' }, 'kept');
  await waitFor('calls', () => traffic.done.length >= 30, 90_000);
  await traffic.stop();
  const rows = await waitFor('the log', async () => {
    const logged = await api.requests('status=succeeded');
    return logged.length >= 30 && logged;
  });
  const batches = await api.get<{ rows: { id: string }[] }>('/api/batches');
  const range = 'from=now-2h&to=now';
  for (const path of [
    `/api/requests/${rows[0]?.id}`,
    `/api/requests/${rows.find(({ lane }) => lane === 'batch')?.id}`,
    `/api/requests?${range}&model=${MODEL}&lane=batch&tag=team=a&q=question&limit=5`,
    `/api/requests/facets?${range}&tag=team=a`,
    `/api/batches/${batches.rows[0]?.id}`,
    '/api/status',
    '/api/keys',
    '/api/prices',
    '/api/operators',
    '/api/audit',
    '/api/probes',
    '/api/policy/versions',
    ...['summary', 'cost', 'latency', 'latency-series', 'requests-series', 'tokens', 'calibration', 'savings'].map(
      (name) => `/api/metrics/${name}?${range}`,
    ),
    ...['turnaround-hours', 'turnaround-series', 'turnaround-sizes', 'waiting-value'].map(
      (name) => `/api/metrics/${name}?${range}`,
    ),
    `/api/metrics/cost?${range}&groupBy=tag.team`,
    `/api/metrics/summary?${range}&tag=team=a`,
  ]) {
    await api.call('GET', path);
  }
  await api.call('POST', '/api/policy/backtest', { document, from: 'now-2h' });
  await api.call('POST', '/api/policy/explain', { requestId: rows[0]?.id, document });
  await api.call('DELETE', `/api/keys/${keyId}`);
  await process.kill('SIGTERM');
}

const SETTLING =
  /^\s*(begin|commit|rollback|savepoint|release|set |show |listen|unlisten|lock |copy |create |alter |drop |do |deallocate|discard|reset )/i;

async function explained() {
  const sql = set.database.pools.hot;
  const types = await sql<
    { oid: number; name: string }[]
  >`select oid::int, format_type(oid, null) as name from pg_type`;
  const names = new Map(types.map(({ oid, name }) => [oid, name]));
  const all = [];
  for (const { text, types } of recorder.statements.values()) {
    // A COPY of an answer is planned as the question in it.
    const sent = { text: /^\s*copy \((.*)\) to stdout/is.exec(text)?.[1] ?? text, types };
    if (SETTLING.test(sent.text) || !/\b(from|into|update)\b/i.test(sent.text)) continue;
    all.push({ sent, readings: await readingsOf(sql, sent, names) });
  }
  return all;
}

describe('the statements that were really sent', () => {
  it('are many, and every table has its place', async () => {
    expect(statements.length).toBeGreaterThan(100);
    const tables = await set.database.pools.hot<{ name: string }[]>`
      select relname as name from pg_class c join pg_namespace n on n.oid = relnamespace
      where nspname = 'public' and relkind in ('r', 'p') and not relispartition`;
    expect(tables.map(({ name }) => name).sort()).toEqual(Object.keys(PLACEMENT).sort());
  });

  it('meet rows of two sharded tables by the id that spreads both, but for those that are named', () => {
    const crossing = statements.filter(({ readings }) => readings.filter((one) => !isById(one)).length > 1);
    expectOnly(crossing, ACROSS);
  });

  it('look at days of the log, not at all of it, but for those that are named', () => {
    const endless = statements.filter(({ readings }) => readings.some((one) => isCutByDay(one.table) && !isByDay(one)));
    expectOnly(endless, ALL_DAYS);
  });

  it('rest on no unique key or foreign key that would span machines', async () => {
    const sql = set.database.pools.hot;
    const keys = await sql<{ table: string; columns: string[] }[]>`
      select c.relname as table, array_agg(a.attname::text) as columns
      from pg_index i join pg_class c on c.oid = i.indrelid
        join pg_attribute a on a.attrelid = c.oid and a.attnum = any(i.indkey)
      where i.indisunique and c.relnamespace = 'public'::regnamespace and not c.relispartition
      group by c.relname, i.indexrelid`;
    const wide = keys.filter(({ table, columns }) => {
      const placement = PLACEMENT[table];
      return isSharded(placement) && !columns.includes(placement.shard);
    });
    expect(keys.length).toBeGreaterThan(20);
    expect(wide).toEqual([]);
    const foreign = await sql<{ from: string; to: string }[]>`
      select conrelid::regclass::text as from, confrelid::regclass::text as to from pg_constraint where contype = 'f'`;
    expect(foreign.filter(({ from, to }) => isSharded(PLACEMENT[from]) || isSharded(PLACEMENT[to]))).toEqual([]);
    const triggers = await sql<{ table: string }[]>`
      select distinct tgrelid::regclass::text as table from pg_trigger where not tgisinternal and tgparentid = 0`;
    // The honest exception: what marks the rollups.
    expect(triggers.map(({ table }) => table).filter((table) => isSharded(PLACEMENT[table]))).toEqual(['requests']);
  });
});

/** Only statements of these; what is named is really sent. */
function expectOnly(found: { sent: Sent }[], named: readonly Named[]): void {
  const texts = found.map(({ sent }) => short(sent.text));
  expect(texts.filter((text) => !named.some(({ says }) => says.test(text)))).toEqual([]);
  const sent = statements.map((one) => short(one.sent.text));
  expect(named.filter(({ says }) => !sent.some((text) => says.test(text)))).toEqual([]);
}

interface Named {
  says: RegExp;
  because: string;
}

const ACROSS: readonly Named[] = [
  { says: /^select group_key, least\(min\(max_items\)/, because: 'what is due is looked for on every machine' },
  { says: /^with newest as \( select \* from/, because: 'the newest calls are gathered, then their attempts by id' },
  { says: /^insert into rollup_money/, because: 'a bucket’s calls and their attempts, each summed by id, meet by it' },
  { says: /^select at, measure, model, lane, size_class/, because: 'durations of different kinds, side by side' },
  { says: /^select r\.model, 'batch'::text as lane/, because: 'attempts, summed by id, meet their calls by it' },
  { says: /^select bucket, model, sum\(input\)/, because: 'calls and their attempts of days not rolled up yet' },
  { says: /^with page as/, because: 'members of the batches on a page, by batch, in log and lane' },
  { says: /^with known as/, because: 'items of one batch with their log rows, by batch, then by id' },
  { says: /^\(select r\.id from requests r/, because: 'the first call of the log, and the first of the lane' },
];
const ALL_DAYS: readonly Named[] = [
  { says: /^INSERT INTO rollup_marks/, because: 'a migration, once' },
  { says: /^\(select r\.id from requests r/, because: 'the first call there is: days are asked in turn' },
];

function isCutByDay(table: string): boolean {
  const placement = PLACEMENT[table];
  return isSharded(placement) && placement.byDay;
}

function short(text: string): string {
  return text.replace(/\s+/g, ' ').trim().slice(0, 400);
}
