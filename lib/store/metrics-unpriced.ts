import type { Sql } from 'postgres';
import { DAY_MS } from '@/lib/core/duration';
import type { PriceBook } from '@/lib/core/pricing';
import { inScope } from './metrics-scope';
import type { UpstreamScope } from './request-filter';

/** Models of the last 30 days with unpriced requests and no price in force now, the busiest first. */
export async function unpricedModels(
  sql: Sql,
  upstream: UpstreamScope,
  book: Pick<PriceBook, 'priceAt'>,
  now: Date,
): Promise<{ model: string; requests: number }[]> {
  const range = { from: new Date(now.getTime() - 30 * DAY_MS), to: now };
  const rows = await sql<{ model: string; requests: number }[]>`
    select r.model, count(*)::int as requests from requests r
    where ${inScope(sql, { upstream, range })} and r.unpriced and r.model is not null
    group by r.model order by requests desc, r.model limit 100`;
  return rows
    .filter(({ model }) => book.priceAt(model, now) === null)
    .map(({ model, requests }) => ({ model, requests }));
}
