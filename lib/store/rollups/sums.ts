import type { ISql } from 'postgres';
import type { Fragment } from '@/lib/store/request-filter';

/** A UUIDv7 begins with its time. */
const ARRIVED_MS = "('x' || translate(left(r.id::text, 13), '-', ''))::bit(48)::bigint";

/** What is summed up of `requests r`: column of the rollup and expression over raw rows. Money is of priced requests. */
export const SUMS = {
  requests: 'count(*)',
  failed: "count(*) filter (where r.state = 'failed')",
  aborted: "count(*) filter (where r.state = 'aborted')",
  refused: "count(*) filter (where r.state = 'refused')",
  interrupted: "count(*) filter (where r.state = 'interrupted')",
  unpriced: 'count(*) filter (where r.unpriced)',
  deadlines: "count(*) filter (where r.lane = 'batch' and r.deadline_at is not null and r.state <> 'aborted')",
  in_time: `count(*) filter (where r.lane = 'batch' and r.state = 'succeeded' and r.deadline_at is not null
    and ${ARRIVED_MS} + r.latency_ms <= extract(epoch from r.deadline_at) * 1000)`,
  escalated: "count(*) filter (where r.lane = 'batch' and r.served_by = 'sync' and not r.unpriced)",
  cost_pico: 'coalesce(sum(r.cost_pico) filter (where not r.unpriced), 0)',
  sync_cost_pico: 'coalesce(sum(r.sync_cost_pico) filter (where not r.unpriced), 0)',
  waste_pico: 'coalesce(sum(r.waste_pico) filter (where not r.unpriced), 0)',
} as const;

const TOKEN_KINDS = ['input', 'output', 'cache_read', 'cache_write_5m', 'cache_write_1h'] as const;

/** The same of `billedTokens`, joined as `t`. */
export const TOKEN_SUMS = {
  ...(Object.fromEntries(TOKEN_KINDS.map((kind) => [kind, `coalesce(sum(t.${kind}), 0)`])) as Record<
    (typeof TOKEN_KINDS)[number],
    string
  >),
  priced_tokens: `coalesce(sum(${TOKEN_KINDS.map((kind) => `t.${kind}`).join(' + ')}) filter (where not r.unpriced), 0)`,
} as const;

export type SumName = keyof typeof SUMS | keyof typeof TOKEN_SUMS;

/** Tokens that all attempts of each request were billed, as `readUsage` reads them; `range` is one of `request_id`. */
export function billedTokens(sql: ISql, range: Fragment): Fragment {
  return sql`(select request_id, ${sql.unsafe(BILLED_KINDS)} from attempts a where ${range} and a.usage is not null
    group by request_id)`;
}

const token = (value: string) =>
  `case when jsonb_typeof(${value}) = 'number' and (${value})::numeric < 1000000000 then (${value})::bigint else 0 end`;
const SPLIT = "jsonb_typeof(a.usage -> 'cache_creation') = 'object'";
/** Sums of the tokens that `attempts a` were billed, by kind. */
export const BILLED_KINDS = `sum(${token("a.usage -> 'input_tokens'")}) as input,
  sum(${token("a.usage -> 'output_tokens'")}) as output,
  sum(${token("a.usage -> 'cache_read_input_tokens'")}) as cache_read,
  sum(case when ${SPLIT} then ${token("a.usage -> 'cache_creation' -> 'ephemeral_5m_input_tokens'")}
    else ${token("a.usage -> 'cache_creation_input_tokens'")} end) as cache_write_5m,
  sum(case when ${SPLIT} then ${token("a.usage -> 'cache_creation' -> 'ephemeral_1h_input_tokens'")} else 0 end) as cache_write_1h`;
