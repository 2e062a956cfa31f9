import type { DecisionFacts, KnownPrefix } from '@/lib/core/policy/decision-facts';

/** Columns of `requests` that hold what a decision saw, with their types. */
export const FACT_COLUMNS = {
  opted_out: 'boolean',
  ineligible: 'text',
  lane_down: 'boolean',
  prefix: 'jsonb',
  header_facts: 'jsonb',
  estimate_id: 'text',
  batch_backlog: 'integer',
  sync_p95_ms: 'double precision',
  spend_today: 'double precision',
  sync_need_ms: 'double precision',
  expected_output: 'double precision',
  patience_ms: 'integer',
  spilled: 'boolean',
};

/** They as a list for a statement, of `requests r`. */
export const FACT_NAMES = Object.keys(FACT_COLUMNS)
  .map((name) => `r.${name}`)
  .join(', ');

/** A row of them. `opted_out` is `null` where nothing was decided, or before decisions were stored. */
export interface FactRow {
  opted_out: boolean | null;
  ineligible: string | null;
  lane_down: boolean | null;
  prefix: KnownPrefix | null;
  /** `null`: the policy named none. */
  header_facts: Record<string, string | null> | null;
  estimate_id: string | null;
  batch_backlog: number | null;
  sync_p95_ms: number | null;
  spend_today: number | null;
  sync_need_ms: number | null;
  expected_output: number | null;
  patience_ms: number | null;
  spilled: boolean | null;
}

export function factColumns(facts: DecisionFacts | null): Partial<FactRow> {
  if (facts === null) return {};
  return {
    opted_out: facts.optedOut,
    ineligible: facts.ineligible,
    lane_down: facts.laneDown,
    prefix: facts.prefix,
    header_facts: Object.keys(facts.headers).length > 0 ? { ...facts.headers } : null,
    estimate_id: facts.estimateId,
    batch_backlog: facts.batchBacklog,
    sync_p95_ms: facts.syncP95,
    spend_today: facts.spendToday,
    sync_need_ms: facts.syncNeedMs,
    expected_output: facts.expectedOutput,
    patience_ms: facts.patienceMs,
    spilled: facts.spilled ?? false,
  };
}

/** What many calls may share of a row of facts, and what is each call's own: rows are read in these two parts. */
export type SharedFacts = Pick<
  FactRow,
  'opted_out' | 'ineligible' | 'lane_down' | 'header_facts' | 'estimate_id' | 'patience_ms' | 'spilled'
>;
export type OwnFacts = Omit<FactRow, keyof SharedFacts>;

/** `null`: nothing was decided, or it was not stored. */
export function factsOf(own: OwnFacts, shared: SharedFacts): DecisionFacts | null {
  if (shared.opted_out === null) return null;
  return {
    optedOut: shared.opted_out,
    ineligible: shared.ineligible,
    laneDown: shared.lane_down ?? false,
    prefix: own.prefix,
    headers: shared.header_facts ?? {},
    estimateId: shared.estimate_id,
    batchBacklog: own.batch_backlog ?? 0,
    syncP95: own.sync_p95_ms,
    spendToday: own.spend_today,
    syncNeedMs: own.sync_need_ms ?? 0,
    expectedOutput: own.expected_output ?? 0,
    patienceMs: shared.patience_ms,
    spilled: shared.spilled ?? false,
  };
}
