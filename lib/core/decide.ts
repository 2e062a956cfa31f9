import { DAY_MS } from './duration';
import { marginMs } from './horizon';
import { type Action, DEFAULT_MAX_ITEMS, DEFAULT_WINDOW_MS } from './policy/action';
import { type CompiledPolicy, type CompiledRule, firstMatch } from './policy/compile';
import type { Facts } from './policy/facts';
import { type AutoJudge, notMeasured, type Prediction } from './policy/judge';
import type { Lane } from './request-states';

export type { CompiledPolicy as Policy } from './policy/compile';
export type { Facts, Measured } from './policy/facts';

/** Why a call took its lane, besides `ineligible:<what>`. */
export const BECAUSE = [
  'rule',
  'auto',
  'explore',
  'no_tolerance',
  'not_measured',
  'miss',
  'saving',
  'horizon',
  'unpriced',
  'lane_down',
] as const;
export type Because = (typeof BECAUSE)[number] | `ineligible:${string}`;

/** How the batch lane is to treat a call. Durations in ms from its arrival. */
export interface Batching {
  deadlineMs: number;
  escalate: boolean;
  windowMs: number;
  maxItems: number;
}

export interface Decision {
  lane: Lane;
  /** Id of the matched rule, or `default`, `override`, `paused`. */
  rule: string;
  because: Because;
  policyVersion: number;
  /** Of the batch lane; `null` in the sync lane. */
  batching: Batching | null;
  /** A sync call that upstream refuses for overload may go to the batch lane, with this treatment. */
  spill: Batching | null;
  /** What an `auto` action was judged by; absent where none was, or nothing was known. */
  prediction?: Prediction;
}

/** The one place that chooses a lane: live, in explain and in backtests. Pure. */
export function decide(policy: CompiledPolicy, facts: Facts, judge: AutoJudge = notMeasured): Decision {
  const override = overrideOf(policy, facts);
  return override === null ? act(policy, firstMatch(policy, facts), facts, judge) : overridden(policy, override);
}

export function overridden(policy: CompiledPolicy, override: 'paused' | 'override'): Decision {
  return sync(policy, override, 'rule');
}

/** What the matched rule says of the call, or where none matched (`null`) the default. */
export function act(policy: CompiledPolicy, match: CompiledRule | null, facts: Facts, judge: AutoJudge): Decision {
  const rule = match === null ? 'default' : match.id;
  const action = match === null ? policy.default : match.action;
  if (action.lane === 'sync') return sync(policy, rule, 'rule', action.spill ? spillOf(facts) : null);
  if (facts.ineligible !== null) return sync(policy, rule, `ineligible:${facts.ineligible}`);
  if (facts.laneDown) return sync(policy, rule, 'lane_down');
  const deadlineMs = deadlineOf(action, facts);
  if (action.lane === 'batch') return inTime(batch(policy, rule, 'rule', action, deadlineMs ?? DAY_MS), facts);
  if (deadlineMs === null) return sync(policy, rule, 'no_tolerance');
  const { lane, because, prediction } = judge({ ...action, deadlineMs }, facts);
  const decision =
    lane === 'batch' ? inTime(batch(policy, rule, because, action, deadlineMs), facts) : sync(policy, rule, because);
  if (prediction !== null) decision.prediction = prediction;
  return decision;
}

/** No time is left for a batch when the synchronous answer would have to begin at once. */
function inTime(decision: Decision, { syncNeedMs }: Facts): Decision {
  const { batching } = decision;
  if (!batching?.escalate || batching.deadlineMs > syncNeedMs + marginMs(batching.deadlineMs)) return decision;
  return inSync(decision, 'horizon');
}

/** The same call in the sync lane after all. */
export function inSync(decision: Decision, because: Because): Decision {
  return { ...decision, lane: 'sync', because, batching: null };
}

/** What sends a call to the sync lane before any rule is asked. */
export function overrideOf(policy: CompiledPolicy, facts: Facts): 'paused' | 'override' | null {
  if (policy.paused) return 'paused';
  return facts.optedOut || facts.toleranceMs === 0 ? 'override' : null;
}

type Waiting = Exclude<Action, { lane: 'sync' }>;

/** The smaller of what the caller and the action allow; `null` where neither says anything. */
function deadlineOf(action: Waiting, { toleranceMs }: Facts): number | null {
  if (toleranceMs === null) return action.deadlineMs;
  return action.deadlineMs === null ? toleranceMs : Math.min(toleranceMs, action.deadlineMs);
}

function sync({ version }: CompiledPolicy, rule: string, because: Because, spill: Batching | null = null): Decision {
  return { lane: 'sync', rule, because, policyVersion: version, batching: null, spill };
}

function batch(
  { version }: CompiledPolicy,
  rule: string,
  because: Because,
  { escalate, windowMs, maxItems }: Waiting,
  deadlineMs: number,
): Decision {
  const batching = { deadlineMs, escalate, windowMs, maxItems };
  return { lane: 'batch', rule, because, policyVersion: version, batching, spill: null };
}

// Only a stated tolerance lets a refused sync call wait.
function spillOf({ toleranceMs, ineligible, laneDown }: Facts): Batching | null {
  if (toleranceMs === null || ineligible !== null || laneDown) return null;
  return { deadlineMs: toleranceMs, escalate: true, windowMs: DEFAULT_WINDOW_MS, maxItems: DEFAULT_MAX_ITEMS };
}
