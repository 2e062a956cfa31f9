import type { Sql } from 'postgres';
import type { RequestDetail } from '@/lib/contract/requests';
import { isPrefixWarm } from '@/lib/core/auto/prefix-state';
import { type Uuid, uuidTime } from '@/lib/core/ids';
import { formatUsd } from '@/lib/core/money';
import type { DecisionFacts } from '@/lib/core/policy/decision-facts';
import type { Prediction } from '@/lib/core/policy/judge';
import type { OpenedRecord } from '@/lib/core/request-record';
import { FACT_NAMES, type FactRow, factsOf } from './decision-facts';
import { readSnapshots } from './estimate-snapshots';

export type Decided = Pick<RequestDetail, 'decided' | 'prediction'>;

/** What the decision of a logged request saw. */
export async function findDecision(sql: Sql, id: Uuid): Promise<Decided> {
  const [row] = await sql<(FactRow & { prediction: Prediction | null })[]>`
    select prediction, ${sql.unsafe(FACT_NAMES)} from requests r where id = ${id}::uuid`;
  return row ? tell(sql, id, factsOf(row, row), row.prediction) : { decided: null, prediction: null };
}

/** The same of a request that is still in the batch lane. */
export async function findWaitingDecision(sql: Sql, id: Uuid): Promise<Decided> {
  const [item] = await sql<{ opened: OpenedRecord }[]>`select opened from items where id = ${id}::uuid`;
  return item ? decisionOfOpen(sql, item.opened) : { decided: null, prediction: null };
}

export function decisionOfOpen(sql: Sql, { id, facts, prediction }: OpenedRecord): Promise<Decided> {
  return tell(sql, id, facts ?? null, prediction ?? null);
}

async function tell(sql: Sql, id: Uuid, facts: DecisionFacts | null, prediction: Prediction | null): Promise<Decided> {
  const snapshot = facts?.estimateId ? (await readSnapshots(sql, [facts.estimateId])).get(facts.estimateId) : undefined;
  const { batchP50: p50, batchP90: p90, batchP95: p95, batchSamples: samples } = snapshot ?? {};
  return {
    prediction: prediction && predictionAnswer(prediction),
    decided: facts && {
      optedOut: facts.optedOut,
      ineligible: facts.ineligible,
      laneDown: facts.laneDown,
      prefix: facts.prefix && { tokens: facts.prefix.tokens, warm: isPrefixWarm(facts.prefix.state, uuidTime(id)) },
      headers: { ...facts.headers },
      batchBacklog: facts.batchBacklog,
      syncP95Ms: facts.syncP95,
      spendTodayUsd: facts.spendToday,
      syncNeedMs: facts.syncNeedMs,
      expectedOutputTokens: facts.expectedOutput,
      patienceMs: facts.patienceMs,
      turnaround: snapshot ? { p50: p50 ?? null, p90: p90 ?? null, p95: p95 ?? null, samples: samples ?? 0 } : null,
    },
  };
}

/** A prediction as the admin API tells it. */
export function predictionAnswer({ syncCost, batchCost, ...prediction }: Prediction): RequestDetail['prediction'] {
  return { ...prediction, syncCostUsd: usd(syncCost), batchCostUsd: usd(batchCost) };
}

// Expectations are floats: of a fraction of a picodollar nobody needs to know.
function usd(pico: number | null): string | null {
  return pico === null ? null : formatUsd(BigInt(Math.round(pico)));
}
