import type { Sql } from 'postgres';
import { DAY_MS } from '@/lib/core/duration';
import { MAX_TOKENS_CLASSES, type ModelEstimate, outputClass } from '@/lib/core/estimate/model-estimate';
import { uuidFloor } from '@/lib/core/ids';

/** Newest requests of the last day that are looked at, of whatever model. */
const MOST_REQUESTS = 10_000;
const LEAST_CALLS = 20;
/** That an escalated item is billed anyway is believed until so many speak against it. */
const BILLED_UNTIL_SHOWN = 10;

export type MeasuredCalls = Pick<
  ModelEstimate,
  'syncP95' | 'syncP95ByMaxTokens' | 'outputTokens' | 'batchReadShare' | 'billedAnywayShare'
>;

export const NO_CALLS: MeasuredCalls = {
  syncP95: null,
  syncP95ByMaxTokens: new Map(),
  outputTokens: new Map(),
  batchReadShare: null,
  billedAnywayShare: 1,
};

interface Row {
  model: string;
  /** Index into `MAX_TOKENS_CLASSES`; `null`: all of them. */
  size: number | null;
  key_id: string | null;
  /** Of every key: `key_id` says nothing then. */
  of_all_keys: boolean;
  timed: number;
  sync_p95: number | null;
  answered: number;
  output: number | null;
  batch_read: number | null;
  batch_cached: number | null;
}

/** What the last day's newest requests tell of each model: how long sync takes, how much is answered, what was cached. */
export async function readMeasuredCalls(
  sql: Sql,
  upstreamId: number,
  now: number,
): Promise<Map<string, MeasuredCalls>> {
  const [rows, billed] = await Promise.all([readClasses(sql, upstreamId, now), readBilled(sql, upstreamId, now)]);
  const models = new Map<string, Row[]>();
  for (const row of rows) models.set(row.model, [...(models.get(row.model) ?? []), row]);
  return new Map(
    [...models].map(([model, ofModel]) => [
      model,
      { ...toMeasured(ofModel), billedAnywayShare: billed.get(model) ?? NO_CALLS.billedAnywayShare },
    ]),
  );
}

function readClasses(sql: Sql, upstreamId: number, now: number) {
  const tokens = (name: string) =>
    sql`jsonb_path_query_first(usage, ${`$.${name} ? (@.type() == "number" && @ < 1000000000)`}::jsonpath)::float8`;
  return sql<Row[]>`
    with newest as (${newest(sql, upstreamId, now)}), good as (
      select model, key_id, lane, served_by, latency_ms,
        width_bucket(coalesce(max_tokens, 0) - 1, ${[...MAX_TOKENS_CLASSES]}::int[]) as size,
        ${tokens('output_tokens')} as output,
        ${tokens('cache_read_input_tokens')} as cache_read,
        ${tokens('cache_creation_input_tokens')} as cache_written
      from newest where state = 'succeeded'
    )
    select model, size, key_id, grouping(key_id) = 1 as of_all_keys,
      count(*) filter (where lane = 'sync' and latency_ms is not null)::int as timed,
      percentile_disc(0.95) within group (order by latency_ms) filter (where lane = 'sync') as sync_p95,
      count(output)::int as answered, avg(output) as output,
      sum(cache_read) filter (where served_by = 'batch') as batch_read,
      sum(coalesce(cache_read, 0) + coalesce(cache_written, 0)) filter (where served_by = 'batch') as batch_cached
    from good group by grouping sets ((model), (model, size), (model, size, key_id))
    having count(*) >= ${LEAST_CALLS} or grouping(size) = 1`;
}

/** Items that were answered by sync and whose batch has ended: did it bill them too? */
async function readBilled(sql: Sql, upstreamId: number, now: number): Promise<Map<string, number>> {
  const rows = await sql<{ model: string; known: number; billed: number }[]>`
    with newest as (${newest(sql, upstreamId, now)})
    select n.model, count(*)::int as known, count(*) filter (where a.usage is not null)::int as billed
    from newest n join attempts a on a.request_id = n.id and a.lane = 'batch'
    where n.lane = 'batch' and n.served_by = 'sync'
      and a.request_id >= ${uuidFloor(now - DAY_MS)}::uuid and a.request_id < ${uuidFloor(now)}::uuid
    group by n.model`;
  return new Map(
    rows.map(({ model, known, billed }) => [model, (billed + BILLED_UNTIL_SHOWN) / (known + BILLED_UNTIL_SHOWN)]),
  );
}

function newest(sql: Sql, upstreamId: number, now: number) {
  return sql`
    select * from (
      select id, upstream_id, endpoint, key_id, lane, served_by, state, model, max_tokens, latency_ms, usage
      from requests where id >= ${uuidFloor(now - DAY_MS)}::uuid and id < ${uuidFloor(now)}::uuid
      order by id desc limit ${MOST_REQUESTS}
    ) latest
    where upstream_id = ${upstreamId} and endpoint = 'messages' and model is not null`;
}

function toMeasured(rows: readonly Row[]): Omit<MeasuredCalls, 'billedAnywayShare'> {
  const whole = rows.find(({ size }) => size === null);
  const syncP95ByMaxTokens = new Map<number, number>();
  const outputTokens = new Map<string, number>();
  for (const { size, key_id, of_all_keys, timed, sync_p95, answered, output } of rows) {
    const bound = MAX_TOKENS_CLASSES[size ?? -1];
    if (bound === undefined) continue;
    if (of_all_keys && timed >= LEAST_CALLS && sync_p95 !== null) syncP95ByMaxTokens.set(bound, sync_p95);
    if (answered < LEAST_CALLS || output === null) continue;
    if (of_all_keys) outputTokens.set(outputClass(null, bound), output);
    else if (key_id !== null) outputTokens.set(outputClass(key_id, bound), output);
  }
  return {
    syncP95: whole && whole.timed >= LEAST_CALLS ? whole.sync_p95 : null,
    syncP95ByMaxTokens,
    outputTokens,
    batchReadShare: whole?.batch_cached ? (whole.batch_read ?? 0) / whole.batch_cached : null,
  };
}
