import { wilson, Z_BOUND } from '@/lib/core/estimate/wilson';
import { DRAWN_TRACES } from './policy/drawn-traces';
import { allBatch, allSync, auto, clairvoyant, informed, type Terms } from './policy/policies';
import { type Outcome, type Policy, simulate } from './policy/simulate';
import { STATIONARY, TRACES, type TraceKind } from './policy/trace';
import type { BenchTable } from './table';

const SEEDS = 4;
/** The policy document's defaults, and the share that the shipped policy explores. */
const USUAL: Terms = { maxMiss: 0.2, minSaving: 0.1 };
const EAGER: Terms = { maxMiss: 0.5, minSaving: 0 };
const EXPLORE = 0.1;

const NOTHING: Outcome = { usd: 0, calls: 0, sent: 0, escalated: 0, explored: 0, late: 0 };

/**
 * What `auto` costs against policies that obey the same deadlines, escalate and pay their waste, on traces that it has
 * not seen, after 200 batches. Everything is drawn from seeds: the table is the same on every machine.
 */
export async function benchPolicy(seeds = SEEDS): Promise<BenchTable> {
  return {
    title: `Policy: cost of auto (maxMiss ${USUAL.maxMiss}, minSaving ${USUAL.minSaving}, explore ${EXPLORE}), ${seeds} seeds of a day each`,
    columns: COLUMNS,
    rows: [...TRACES, ...DRAWN_TRACES].map((kind) => rowOf(kind, seeds)),
  };
}

const COLUMNS = [
  'trace',
  'calls',
  'of all-sync',
  'of informed',
  'worst seed',
  'of all-batch (maxMiss 0.5, minSaving 0)',
  'escalated, upper 95 %',
  'late',
  'explored',
  'informed of all-sync',
  'all-batch of all-sync',
  'clairvoyant of all-sync',
  'missed bars',
];

function rowOf(kind: TraceKind, seeds: number): (string | number)[] {
  const traces = Array.from({ length: seeds }, (_, i) => kind.make(i + 1));
  const play = (policyOf: (i: number) => Policy) => traces.map((trace, i) => simulate(trace, policyOf(i)));
  const at = (i: number) => traces[i] as (typeof traces)[number];
  const own = play((i) => auto(at(i), { ...USUAL, explore: EXPLORE }));
  const known = play((i) => informed(at(i), USUAL));
  const sync = total(play(() => allSync));
  const batch = total(play(() => allBatch));
  const seer = total(play((i) => clairvoyant(at(i))));
  const isStationary = kind.name.startsWith(STATIONARY);
  const eager = isStationary ? total(play((i) => auto(at(i), { ...EAGER, explore: EXPLORE }))) : null;
  const sum = total(own);
  const escalated = wilson(sum.escalated / Math.max(1, sum.sent), sum.sent, Z_BOUND)[1];
  const ofSync = sum.usd / sync.usd;
  const ofInformed = sum.usd / total(known).usd;
  const ofBatch = eager && eager.usd / batch.usd;
  const late = sum.late / sum.calls;
  const bars: [string, boolean][] = [
    ['≤ 1.02 all-sync', ofSync <= 1.02],
    [`≤ ${informedBar(kind)} informed`, ofInformed <= informedBar(kind)],
    ['≤ 1.02 all-batch', ofBatch === null || ofBatch <= 1.02],
    ['escalated', sum.sent === 0 || escalated <= USUAL.maxMiss],
    ['late', late <= 0.01],
  ];
  return [
    kind.name,
    sum.calls,
    ratio(ofSync),
    ratio(ofInformed),
    ratio(Math.max(...own.map(({ usd }, i) => usd / (known[i]?.usd ?? 0)))),
    ofBatch === null ? '–' : ratio(ofBatch),
    sum.sent === 0 ? '–' : ratio(escalated),
    percent(late),
    percent(sum.explored / sum.calls),
    ratio(total(known).usd / sync.usd),
    ratio(batch.usd / sync.usd),
    ratio(seer.usd / sync.usd),
    bars.flatMap(([name, isMet]) => (isMet ? [] : [name])).join(', ') || 'none',
  ];
}

/** Incidents and agent loops have no bar against the informed policy. */
function informedBar({ name }: TraceKind): number {
  if (name.startsWith(STATIONARY)) return 1.05;
  return /^(drifting|bimodal|diurnal)/.test(name) ? 1.15 : Number.POSITIVE_INFINITY;
}

function total(outcomes: readonly Outcome[]): Outcome {
  return outcomes.reduce(
    (sum, one) => ({
      usd: sum.usd + one.usd,
      calls: sum.calls + one.calls,
      sent: sum.sent + one.sent,
      escalated: sum.escalated + one.escalated,
      explored: sum.explored + one.explored,
      late: sum.late + one.late,
    }),
    NOTHING,
  );
}

function ratio(value: number): string {
  return value.toFixed(3);
}

function percent(value: number): string {
  return `${(100 * value).toFixed(2)} %`;
}
