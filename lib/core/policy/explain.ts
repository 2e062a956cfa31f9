import { type Decision, decide, overrideOf } from '@/lib/core/decide';
import { formatTolerance } from '@/lib/core/duration';
import { type CompiledPolicy, firstMatch, inRollout } from './compile';
import type { CompiledCondition } from './compile-condition';
import type { Comparison } from './condition';
import type { Facts } from './facts';
import type { Actual, Field } from './fields';
import { type AutoJudge, notMeasured } from './judge';

/** A condition in its own shape, each part with its result. */
export type ConditionTrace =
  | { result: boolean }
  | { all: ConditionTrace[]; result: boolean }
  | { any: ConditionTrace[]; result: boolean }
  | { not: ConditionTrace; result: boolean }
  | (Comparison & { actual: Actual; result: boolean });

export interface RuleTrace {
  rule: string;
  /** This rule decided. At most one did; none where the default, an override or a pause decided. */
  matched: boolean;
  /** Whether the call is in the rule's share; `null`: the rule takes all. */
  rollout: boolean | null;
  conditions: ConditionTrace;
}

export interface Explanation {
  decision: Decision;
  /** Every rule in order, those behind the matched one too. */
  trace: RuleTrace[];
}

/** What `decide` decides and what each rule's conditions saw. */
export function explain(policy: CompiledPolicy, facts: Facts, judge: AutoJudge = notMeasured): Explanation {
  const matched = overrideOf(policy, facts) === null ? firstMatch(policy, facts) : null;
  const trace = policy.rules.map((rule) => ({
    rule: rule.id,
    matched: rule === matched,
    rollout: rule.buckets === null ? null : inRollout(rule, facts),
    conditions: traceOf(rule.condition, facts),
  }));
  return { decision: decide(policy, facts, judge), trace };
}

function traceOf(condition: CompiledCondition, facts: Facts): ConditionTrace {
  const result = condition.holds(facts);
  switch (condition.shape) {
    case 'always':
      return { result };
    case 'all':
      return { all: condition.parts.map((part) => traceOf(part, facts)), result };
    case 'any':
      return { any: condition.parts.map((part) => traceOf(part, facts)), result };
    case 'not':
      return { not: traceOf(condition.part, facts), result };
    case 'comparison': {
      const { source, field, clock } = condition;
      return { ...source, actual: spell(field, field.read(facts, clock)), result };
    }
  }
}

/** As a document would write it. */
function spell({ type }: Field, actual: Actual): Actual {
  if (typeof actual !== 'number' || (type !== 'duration' && type !== 'tolerance')) return actual;
  const ms = Math.round(actual);
  return type === 'duration' && ms === 0 ? '0ms' : formatTolerance(ms);
}
