import type { Sql } from 'postgres';
import type { Tokens, TokensAnswer } from '@/lib/contract/spend-metrics';
import { formatUsd } from '@/lib/core/money';
import type { Bucket } from '@/lib/core/time-range';
import { bucketStarts } from './metrics-buckets';
import { type MetricScope, NONE } from './metrics-scope';
import { moneyRows } from './rollups/read-money';
import { readPlan } from './rollups/read-plan';

interface TokenRow {
  input: string;
  output: string;
  cache_read: string;
  cache_write_5m: string;
  cache_write_1h: string;
}

interface Row extends TokenRow {
  bucket: number;
  model: string | null;
  requests: string;
  unpriced: string;
  cost_pico: string;
  priced_tokens: string;
}

type ModelTokens = Omit<TokensAnswer['byModel'][number], 'costUsd'> & { costPico: bigint };

/** Billed tokens by kind, over time and by model, from the usage of every attempt as `readUsage` reads it. */
export async function readTokens(
  sql: Sql,
  query: MetricScope & { bucket: Bucket; timeZone: string },
): Promise<TokensAnswer> {
  const starts = bucketStarts(query.range, query.bucket, query.timeZone);
  const plan = await readPlan(sql, query, starts);
  const kinds = ['input', 'output', 'cache_read', 'cache_write_5m', 'cache_write_1h'] as const;
  const counts = ['requests', 'unpriced', 'cost_pico', 'priced_tokens'] as const;
  const sums = moneyRows(sql, query, plan, { by: ['bucket', 'model'], sums: [...kinds, ...counts], starts });
  const total = (name: string) => sql.unsafe(`sum(${name}) as ${name}`);
  const totals = [...kinds, ...counts].map(total).reduce((all, one) => sql`${all}, ${one}`);
  const rows = await sql<Row[]>`select bucket, model, ${totals} from (${sums}) sums group by 1, 2`;
  const buckets = starts.map(() => noTokens());
  const models = new Map<string, ModelTokens>();
  for (const row of rows) {
    add(buckets[row.bucket - 1] ?? noTokens(), row);
    const known = models.get(row.model ?? NONE) ?? {
      model: row.model ?? NONE,
      requests: 0,
      unpriced: 0,
      costPico: 0n,
      tokens: noTokens(),
      pricedTokens: 0,
    };
    add(known.tokens, row);
    known.requests += Number(row.requests);
    known.unpriced += Number(row.unpriced);
    known.costPico += BigInt(row.cost_pico);
    known.pricedTokens += Number(row.priced_tokens);
    models.set(known.model, known);
  }
  const byModel = [...models.values()];
  byModel.sort((a, b) => (a.costPico === b.costPico ? b.requests - a.requests : a.costPico < b.costPico ? 1 : -1));
  return {
    bucket: query.bucket,
    buckets: starts.map((at, i) => ({ at: new Date(at).toISOString(), tokens: buckets[i] ?? noTokens() })),
    byModel: byModel.map(({ costPico, ...row }) => ({ ...row, costUsd: formatUsd(costPico) })),
  };
}

function noTokens(): Tokens {
  return { input: 0, output: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 };
}

function add(to: Tokens, row: TokenRow): void {
  to.input += Number(row.input);
  to.output += Number(row.output);
  to.cacheRead += Number(row.cache_read);
  to.cacheWrite5m += Number(row.cache_write_5m);
  to.cacheWrite1h += Number(row.cache_write_1h);
}
