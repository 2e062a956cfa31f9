import type { Sql } from 'postgres';
import type { Tokens, TokensAnswer } from '@/lib/contract/spend-metrics';
import { formatUsd } from '@/lib/core/money';
import type { Bucket } from '@/lib/core/time-range';
import { bucketIds, bucketStarts } from './metrics-buckets';
import { inScope, type MetricScope, NONE } from './metrics-scope';
import { type Fragment, inRange } from './request-filter';

interface TokenRow {
  input: string;
  output: string;
  cache_read: string;
  cache_write_5m: string;
  cache_write_1h: string;
}

/** Billed tokens by kind, over time and by model, from the usage of every attempt as `readUsage` reads it. */
export async function readTokens(
  sql: Sql,
  query: MetricScope & { bucket: Bucket; timeZone: string },
): Promise<TokensAnswer> {
  const starts = bucketStarts(query.range, query.bucket, query.timeZone);
  const [tokens, requests] = await Promise.all([
    sql<(TokenRow & { bucket: number; model: string | null; unpriced: boolean })[]>`
      select width_bucket(r.id, ${bucketIds(starts)}::uuid[]) as bucket, r.model, r.unpriced, ${sums(sql)}
      from requests r join attempts a on a.request_id = r.id
      where ${inScope(sql, query)} and ${inRange(sql, query.range, sql`a.request_id`)} and a.usage is not null
      group by 1, 2, 3`,
    sql<{ model: string | null; requests: number; unpriced: number; cost: string | null }[]>`
      select r.model, count(*)::int as requests, (count(*) filter (where r.unpriced))::int as unpriced,
        sum(r.cost_pico) filter (where not r.unpriced) as cost
      from requests r where ${inScope(sql, query)} group by r.model`,
  ]);
  const buckets = starts.map(() => noTokens());
  const models = new Map<string, { tokens: Tokens; pricedTokens: number }>();
  for (const row of tokens) {
    add(buckets[row.bucket - 1] ?? noTokens(), row);
    const name = row.model ?? NONE;
    const known = models.get(name) ?? { tokens: noTokens(), pricedTokens: 0 };
    const sum = add(known.tokens, row);
    if (!row.unpriced) known.pricedTokens += sum;
    models.set(name, known);
  }
  const byModel = requests.map(({ model, requests, unpriced, cost }) => ({
    model: model ?? NONE,
    requests,
    unpriced,
    costPico: BigInt(cost ?? 0),
    ...(models.get(model ?? NONE) ?? { tokens: noTokens(), pricedTokens: 0 }),
  }));
  byModel.sort((a, b) => (a.costPico === b.costPico ? b.requests - a.requests : a.costPico < b.costPico ? 1 : -1));
  return {
    bucket: query.bucket,
    buckets: starts.map((at, i) => ({ at: new Date(at).toISOString(), tokens: buckets[i] ?? noTokens() })),
    byModel: byModel.map(({ costPico, ...row }) => ({ ...row, costUsd: formatUsd(costPico) })),
  };
}

function sums(sql: Sql): Fragment {
  const number = (path: string) =>
    sql`coalesce(jsonb_path_query_first(a.usage, ${`$.${path} ? (@.type() == "number" && @ < 1000000000)`}::jsonpath)::bigint, 0)`;
  const split = sql`jsonb_typeof(a.usage -> 'cache_creation') = 'object'`;
  return sql`
    sum(${number('input_tokens')}) as input,
    sum(${number('output_tokens')}) as output,
    sum(${number('cache_read_input_tokens')}) as cache_read,
    sum(case when ${split} then ${number('cache_creation.ephemeral_5m_input_tokens')}
      else ${number('cache_creation_input_tokens')} end) as cache_write_5m,
    sum(case when ${split} then ${number('cache_creation.ephemeral_1h_input_tokens')} else 0 end) as cache_write_1h`;
}

function noTokens(): Tokens {
  return { input: 0, output: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 };
}

/** Answers how many were added. */
function add(to: Tokens, row: TokenRow): number {
  const more = {
    input: Number(row.input),
    output: Number(row.output),
    cacheRead: Number(row.cache_read),
    cacheWrite5m: Number(row.cache_write_5m),
    cacheWrite1h: Number(row.cache_write_1h),
  };
  to.input += more.input;
  to.output += more.output;
  to.cacheRead += more.cacheRead;
  to.cacheWrite5m += more.cacheWrite5m;
  to.cacheWrite1h += more.cacheWrite1h;
  return Object.values(more).reduce((sum, count) => sum + count, 0);
}
