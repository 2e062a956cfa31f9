import { type Decision, decide } from '@/lib/core/decide';
import type { Uuid } from '@/lib/core/ids';
import type { SizeClass } from '@/lib/core/lane-states';
import type { DecisionFacts } from '@/lib/core/policy/decision-facts';
import type { Deps } from '@/lib/deps';
import { sizeClass } from '@/lib/wire/size-class';
import type { Knowledge } from './call';
import type { Exchange } from './exchange';
import { gatherFacts } from './gather-facts';
import type { WatchedPrefix } from './prefix-watch';

export interface LaneChoice {
  decision: Decision;
  /** What it was decided by. */
  facts: DecisionFacts;
  /** `null` where the body is no object. */
  sizeClass: SizeClass | null;
  /** `undefined`: nobody asked for it. */
  prefix: WatchedPrefix | null | undefined;
}

/** Gathers what the policy may look at, and asks it. */
export function decideLane(
  deps: Deps,
  { headers }: Exchange,
  known: Knowledge,
  { id, arrivedAt, bytes, json }: { id: Uuid; arrivedAt: number; bytes: Buffer; json: unknown },
): LaneChoice {
  const policy = deps.policy.current;
  const { facts, stored, judge, prefix } = gatherFacts(
    deps,
    policy,
    known,
    { id, arrivedAt, headers, bytes, json },
    (owner) => deps.prefixes.arrived(owner, bytes, json, arrivedAt),
  );
  const isObject = typeof json === 'object' && json !== null && !Array.isArray(json);
  return {
    decision: decide(policy, facts, judge),
    facts: stored,
    sizeClass: isObject ? sizeClass(json as Record<string, unknown>) : null,
    prefix,
  };
}
