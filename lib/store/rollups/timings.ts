import type { ISql } from 'postgres';
import { EDGE_SLACK, GAMMA, LAST_BIN, SHORTEST_MS } from '@/lib/core/histogram';
import type { Fragment } from '@/lib/store/request-filter';

/** `queue`: from arrival until upstream said that the batch exists. `collect`: from a batch's end until it was read. */
export const TIMINGS = ['latency', 'ttft', 'queue', 'turnaround', 'collect'] as const;
export type Timing = (typeof TIMINGS)[number];

/** Where the raw rows of requests, attempts (by request) and batches (by upstream's creation) are looked for. */
export interface TimingSource {
  requests: Fragment;
  attempts: Fragment;
  batches: Fragment;
}

/** Raw durations of messages and batches: `timing, model, lane, size_class, ms` and, of `r`, an id or a creation. */
export function timed(sql: ISql, timing: Timing, source: TimingSource): Fragment {
  if (timing === 'turnaround' || timing === 'collect') return timedBatches(sql, timing, source.batches);
  const { column, condition, lane, joined } = timedRequest(sql, timing, source.attempts);
  return sql`
    select ${timing}::text as measure, r.id, null::timestamptz as created, r.upstream_id, r.model, ${lane} as lane,
      case when coalesce(r.max_tokens, 0) <= 4096 then 'small' when r.max_tokens <= 16384 then 'medium' else 'large' end
        as size_class, ${column} as ms
    from requests r ${joined} where ${source.requests} and ${condition} and ${column} is not null`;
}

/** Percentiles speak of successes; how long a call waited for its batch is known of every one. */
export function timedRequest(sql: ISql, timing: 'latency' | 'ttft' | 'queue', attempts: Fragment) {
  const succeeded = sql`r.state = 'succeeded'`;
  if (timing === 'latency') {
    return { column: sql`r.latency_ms`, condition: succeeded, lane: sql`r.lane`, joined: sql`` };
  }
  if (timing === 'ttft') {
    const condition = sql`${succeeded} and r.lane = 'sync' and r.stream`;
    return { column: sql`r.ttfb_ms`, condition, lane: sql`r.lane`, joined: sql`` };
  }
  return {
    // The first 48 bits of the id are the arrival in ms; clocks may differ, waits are not negative.
    column: sql`greatest(0, a.began_ms - ('x' || translate(left(r.id::text, 13), '-', ''))::bit(48)::bigint)::float8`,
    condition: sql`true`,
    lane: sql`'batch'::text`,
    joined: sql`join (
      select a.request_id, round(date_part('epoch', min(a.started_at)) * 1000) as began_ms from attempts a
      where a.lane = 'batch' and ${attempts} group by a.request_id) a on a.request_id = r.id`,
  };
}

/** The bin of a duration, as `binOf` has it. */
export function binOfColumn(sql: ISql, column: Fragment): Fragment {
  return sql`case when ${column} <= ${sql.unsafe(String(SHORTEST_MS))} then 0 else least(${sql.unsafe(String(LAST_BIN))},
    ceil(ln(${column} / ${sql.unsafe(String(SHORTEST_MS))}) / ${sql.unsafe(String(Math.log(GAMMA)))} - ${sql.unsafe(`${EDGE_SLACK}::float8`)}))::int end`;
}

function timedBatches(sql: ISql, timing: 'turnaround' | 'collect', batches: Fragment): Fragment {
  const count = (kind: string) =>
    sql`coalesce(jsonb_path_query_first(r.counts, ${`$.${kind} ? (@.type() == "number")`}::jsonpath)::numeric, 0)`;
  // What expired or was canceled did not end by itself.
  const ended = sql`${count('expired')} = 0 and ${count('canceled')} = 0
    and coalesce(r.cancel_requested_at >= r.ended_at, true)`;
  const [until, since, condition] =
    timing === 'turnaround'
      ? [sql`r.ended_at`, sql`r.upstream_created_at`, ended]
      : [sql`r.closed_at`, sql`r.ended_at`, sql`r.closed_at is not null`];
  return sql`
    select ${timing}::text as measure, null::uuid as id, r.upstream_created_at as created, r.upstream_id, r.model,
      'batch'::text as lane, r.size_class, greatest(0, extract(epoch from ${until} - ${since}) * 1000)::float8 as ms
    from batches r where ${batches} and r.ended_at is not null and ${condition}`;
}
