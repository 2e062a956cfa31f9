import type { Sql } from 'postgres';
import { type BillLine, billModel, sumLines } from '@/lib/core/bill/bill-line';
import { DAY_MS } from '@/lib/core/duration';
import { inRange, ofUpstream, type UpstreamScope } from './request-filter';
import { BILLED_KINDS } from './rollups/sums';

export interface AttemptDays {
  lines: BillLine[];
  /** Attempts with usage that no price row prices, by day, model and tier as JSON. */
  unpriced: ReadonlyMap<string, number>;
}

interface DayRow {
  model: string | null;
  tier: string;
  input: number;
  output: number;
  cache_read: number;
  cache_write_5m: number;
  cache_write_1h: number;
  cost_pico: string;
  unpriced: number;
}

/**
 * What upstream was asked for on each UTC day: by the model that answered and the tier that it was billed at, delivered
 * or not. Like all money it is of the day on which the request arrived.
 * @param days UTC days, `2026-11-27`; one statement each, so that none takes long.
 */
export async function readAttemptDays(
  sql: Sql,
  upstream: UpstreamScope,
  days: readonly string[],
): Promise<AttemptDays> {
  const lines: BillLine[] = [];
  const unpriced = new Map<string, number>();
  for (const day of days) {
    for (const row of await readDay(sql, upstream, day)) {
      const model = billModel(row.model ?? '');
      lines.push({
        day,
        model,
        tier: row.tier,
        input: row.input,
        output: row.output,
        cacheRead: row.cache_read,
        cacheWrite: row.cache_write_5m + row.cache_write_1h,
        costPico: BigInt(row.cost_pico),
      });
      const id = JSON.stringify([day, model, row.tier]);
      unpriced.set(id, (unpriced.get(id) ?? 0) + row.unpriced);
    }
  }
  return { lines: sumLines(lines), unpriced };
}

function readDay(sql: Sql, upstream: UpstreamScope, day: string): Promise<DayRow[]> {
  const from = new Date(`${day}T00:00:00Z`);
  const range = { from, to: new Date(from.getTime() + DAY_MS) };
  const tokens = ['input', 'output', 'cache_read', 'cache_write_5m', 'cache_write_1h'];
  return sql<DayRow[]>`
    select model, tier, ${sql.unsafe(tokens.map((name) => `${name}::float8 as ${name}`).join(', '))}, cost_pico, unpriced
    from (
      select a.model, case a.lane when 'batch' then 'batch'
          else coalesce(nullif(a.usage ->> 'service_tier', ''), 'standard') end as tier,
        ${sql.unsafe(BILLED_KINDS)}, coalesce(sum(a.cost_pico), 0)::text as cost_pico,
        count(*) filter (where a.cost_pico is null)::int as unpriced
      from attempts a join requests r on r.id = a.request_id
      where ${inRange(sql, range, sql`a.request_id`)} and ${inRange(sql, range)} and ${ofUpstream(sql, upstream)}
        and a.usage is not null
      group by 1, 2) billed`;
}
