import type { Sql } from 'postgres';
import { DAY_MS } from '@/lib/core/duration';
import type { PriceBook } from '@/lib/core/pricing';
import type { UpstreamScope } from './request-filter';
import { moneyRows } from './rollups/read-money';
import { readPlan } from './rollups/read-plan';

/** Models of the last 30 days with unpriced requests and no price in force now, the busiest first. */
export async function unpricedModels(
  sql: Sql,
  upstream: UpstreamScope,
  book: Pick<PriceBook, 'priceAt'>,
  now: Date,
): Promise<{ model: string; requests: number }[]> {
  const range = { from: new Date(now.getTime() - 30 * DAY_MS), to: now };
  const plan = await readPlan(sql, { upstream, range });
  const sums = moneyRows(sql, { upstream, range }, plan, { by: ['model'], sums: ['unpriced'] });
  const rows = await sql<{ model: string; requests: number }[]>`
    select model, sum(unpriced)::float8 as requests from (${sums}) sums where model is not null
    group by model having sum(unpriced) > 0 order by requests desc, model limit 100`;
  return rows
    .filter(({ model }) => book.priceAt(model, now) === null)
    .map(({ model, requests }) => ({ model, requests }));
}
