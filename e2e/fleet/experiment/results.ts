import type { ArmId } from './arms';
import type { ScenarioId } from './scenarios';
import type { TokenCategory } from './upstream-bill';

/** What a run leaves behind, as JSON. Times are the API's, ms; money is plain decimal USD. */
export interface FleetResults {
  isSimulated: boolean;
  timeScale: number;
  seed: number;
  startedAt: string;
  /** Of the wall clock. */
  tookMs: number;
  machine: string;
  /** What it cost to measure turnaround beforehand; `null`: it was not done. */
  measuring: { batches: number; costUsd: string } | null;
  scenarios: ScenarioResults[];
}

export interface ScenarioResults {
  id: ScenarioId;
  title: string;
  question: string;
  patienceMs: number;
  arms: ArmResults[];
}

export interface ArmResults {
  arm: ArmId;
  agents: { count: number; done: number; failed: number; unfinished: number; wall: Spread };
  turns: { count: number; wall: Spread };
  /** Turns that stated how long they may take. `late` counts those that never came, too. */
  deadlines: { of: number; late: number };
  costUsd: string;
  calls: { sync: number; batch: number };
  batches: number;
  /** Asked after batches; `null`: not told for this scenario alone. */
  polls: number | null;
  costByCategory: Record<TokenCategory, string>;
  roles: RoleResults[];
  /** The first failure's message. */
  error: string | null;
}

export interface RoleResults {
  role: string;
  model: string;
  isInteractive: boolean;
  agents: number;
  turns: { count: number; wall: Spread; batched: number };
  /** To the first piece of the answer. */
  first: Spread;
  /** Of every turn, ascending. */
  turnMs: number[];
  /** Of the role's first agent: when each turn began and ended, since the agent's start, and how it was billed. */
  timeline: { fromMs: number; toMs: number; tier: string | null }[];
}

export interface Spread {
  p50: number | null;
  p95: number | null;
  most: number | null;
}

/** Nearest rank, whatever the number of values. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (percent: number) => sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? null;
  return { p50: at(50), p95: at(95), most: sorted.at(-1) ?? null };
}

/** Calls in one batch, on average; `null`: there was no batch. */
export function callsPerBatch({ batches, calls }: Pick<ArmResults, 'batches' | 'calls'>): number | null {
  return batches === 0 ? null : calls.batch / batches;
}
