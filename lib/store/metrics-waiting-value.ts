import type { Sql } from 'postgres';
import type { LatencyAnswer } from '@/lib/contract/metrics';
import type { WaitingValue, WaitingValueAnswer } from '@/lib/contract/turnaround-metrics';
import { medianInterval } from '@/lib/core/estimate/median-interval';
import { formatUsd, scale } from '@/lib/core/money';
import type { PriceRow } from '@/lib/core/pricing';
import { readLatency } from './metrics-latency';
import { type MetricScope, NONE } from './metrics-scope';
import { observed } from './metrics-turnaround';
import { moneyRows } from './rollups/read-money';
import { readPlan } from './rollups/read-plan';

const MILLION = 1_000_000n;
const MINUTE_MS = 60_000n;

interface Sums {
  batched: number;
  escalated: number;
  saved: string | null;
}

/**
 * What waiting for a batch buys, per model; where a minute buys most first. Savings are of every priced call that the
 * policy sent to batch, those that came back by sync and those that failed included; the wait is the callers' own.
 */
export async function readWaitingValue(
  sql: Sql,
  scope: MetricScope,
  priceOf: (model: string) => PriceRow | null,
  now: Date | null = null,
): Promise<WaitingValueAnswer> {
  const [latency, sums, ages] = await Promise.all([
    readLatency(sql, scope, [], now),
    readSums(sql, scope),
    readAges(sql, scope, now),
  ]);
  const models = [...new Set([...latency.rows.map(({ model }) => model), ...sums.keys()])].filter(
    (model) => model !== NONE,
  );
  const rows = models.map((model): WaitingValue => {
    const ofModel = latency.rows.filter((row) => row.model === model);
    const price = priceOf(model);
    const turnaround = ofModel.find(({ measure }) => measure === 'turnaround');
    return {
      model,
      price: price && {
        inputUsd: formatUsd(price.base.input * MILLION),
        outputUsd: formatUsd(price.base.output * MILLION),
      },
      ...worth(ofModel, sums.get(model) ?? { batched: 0, escalated: 0, saved: null }),
      turnaround: {
        n: turnaround?.n ?? 0,
        pending: turnaround?.pending ?? 0,
        p50: turnaround?.p50 ?? null,
        ...(turnaround?.p50 ? medianInterval(turnaround.cdf) : { low: null, high: null }),
        newestEndedAt: ages.get(model)?.newest?.toISOString() ?? null,
        oldestPendingAt: ages.get(model)?.oldest?.toISOString() ?? null,
      },
    };
  });
  const rank = ({ savedPerMinuteUsd }: WaitingValue) => Number(savedPerMinuteUsd ?? Number.NEGATIVE_INFINITY);
  return { rows: rows.sort((a, b) => rank(b) - rank(a) || b.batched - a.batched || (a.model < b.model ? -1 : 1)) };
}

function worth(rows: readonly LatencyAnswer['rows'][number][], { batched, escalated, saved }: Sums) {
  const [sync, batch] = (['sync', 'batch'] as const).map((lane) => {
    const row = rows.find((one) => one.measure === 'latency' && one.lane === lane);
    return { n: row?.n ?? 0, p50: row?.p50 ?? null };
  }) as [WaitingValue['sync'], WaitingValue['batch']];
  const savedPico = BigInt(saved ?? 0);
  const perRequest = batched > 0 ? scale(savedPico, 1n, BigInt(batched)) : null;
  const extraMs = sync.p50 === null || batch.p50 === null ? null : batch.p50 - sync.p50;
  const wait = extraMs === null ? 0n : BigInt(Math.round(extraMs));
  return {
    batched,
    escalated,
    savedUsd: formatUsd(savedPico),
    savedPerRequestUsd: perRequest === null ? null : formatUsd(perRequest),
    sync,
    batch,
    extraMs,
    savedPerMinuteUsd: perRequest === null || wait <= 0n ? null : formatUsd(scale(perRequest, MINUTE_MS, wait)),
  };
}

async function readSums(sql: Sql, scope: MetricScope): Promise<Map<string, Sums>> {
  const batchLane: MetricScope = { ...scope, lanes: ['batch'] };
  const rows = moneyRows(sql, batchLane, await readPlan(sql, batchLane), {
    by: ['model'],
    sums: ['requests', 'unpriced', 'escalated', 'cost_pico', 'sync_cost_pico'],
  });
  const sums = await sql<(Sums & { model: string | null })[]>`
    select model, sum(requests - unpriced)::float8 as batched, sum(escalated)::float8 as escalated,
      sum(sync_cost_pico - cost_pico) as saved
    from (${rows}) sums group by model having sum(requests - unpriced) > 0`;
  return new Map(sums.map(({ model, ...of }) => [model ?? NONE, of]));
}

/** When the newest batch ended that upstream ended by itself, and since when the oldest one runs. */
async function readAges(sql: Sql, scope: MetricScope, now: Date | null) {
  const rows = await sql<{ model: string; newest: Date | null; oldest: Date | null }[]>`
    select model, max(ended_at) filter (where ended) as newest, min(upstream_created_at) filter (where running) as oldest
    from (${observed(sql, scope, now)}) observed group by model`;
  return new Map(rows.map(({ model, ...ages }) => [model, ages]));
}
