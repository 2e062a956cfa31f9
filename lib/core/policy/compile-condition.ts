import { compileComparison } from './comparison';
import { type Comparison, type Condition, isComparison } from './condition';
import type { Facts } from './facts';
import { type Field, fieldOf } from './fields';
import type { LocalClock } from './local-clock';

type Test = (facts: Facts) => boolean;

/** A condition as a closure. The same one decides calls and explains decisions. */
export type CompiledCondition = { holds: Test } & (
  | { shape: 'always' }
  | { shape: 'all' | 'any'; parts: readonly CompiledCondition[] }
  | { shape: 'not'; part: CompiledCondition }
  | { shape: 'comparison'; source: Comparison; field: Field; clock: LocalClock }
);

/** @param condition of a document that was parsed; throws for any other. */
export function compileCondition(condition: Condition, clock: LocalClock): CompiledCondition {
  if ('all' in condition) {
    const parts = condition.all.map((one) => compileCondition(one, clock));
    return { shape: 'all', parts, holds: every(parts.map((part) => part.holds)) };
  }
  if ('any' in condition) {
    const parts = condition.any.map((one) => compileCondition(one, clock));
    return { shape: 'any', parts, holds: some(parts.map((part) => part.holds)) };
  }
  if ('not' in condition) {
    const part = compileCondition(condition.not, clock);
    return { shape: 'not', part, holds: (facts) => !part.holds(facts) };
  }
  if (!isComparison(condition)) return { shape: 'always', holds: () => true };
  const field = fieldOf(condition.field);
  if (typeof field === 'string') throw new Error(field);
  const { read } = field;
  const test = compileComparison(field, condition.op, condition.value);
  return { shape: 'comparison', source: condition, field, clock, holds: (facts) => test(read(facts, clock)) };
}

function every(tests: readonly Test[]): Test {
  const [first, second] = tests;
  if (tests.length === 2 && first && second) return (facts) => first(facts) && second(facts);
  return (facts) => {
    for (const test of tests) if (!test(facts)) return false;
    return true;
  };
}

function some(tests: readonly Test[]): Test {
  const [first, second] = tests;
  if (tests.length === 2 && first && second) return (facts) => first(facts) || second(facts);
  return (facts) => {
    for (const test of tests) if (test(facts)) return true;
    return false;
  };
}
