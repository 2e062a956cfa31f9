import { type Comparison, type Condition, isComparison } from './condition';
import type { Facts } from './facts';
import { type Field, fieldOf, readValue } from './fields';
import { compileGlob } from './glob';
import type { LocalClock } from './local-clock';

type Test = (facts: Facts) => boolean;
type Scalar = string | number | boolean;

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
  return { shape: 'comparison', source: condition, field, clock, holds: comparison(condition, field, clock) };
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

function comparison({ op, value }: Comparison, field: Field, clock: LocalClock): Test {
  const { read } = field;
  switch (op) {
    case 'exists':
      return value === true ? (facts) => read(facts, clock) !== null : (facts) => read(facts, clock) === null;
    case 'eq': {
      const wanted = expect(field, value);
      return (facts) => read(facts, clock) === wanted;
    }
    case 'ne': {
      const unwanted = expect(field, value);
      return (facts) => read(facts, clock) !== unwanted;
    }
    case 'in': {
      const wanted = new Set<Scalar | null>((Array.isArray(value) ? value : [value]).map((one) => expect(field, one)));
      return (facts) => wanted.has(read(facts, clock));
    }
    case 'glob': {
      const fits = compileGlob(String(value));
      return (facts) => {
        const actual = read(facts, clock);
        return typeof actual === 'string' && fits(actual);
      };
    }
    default: {
      const bound = Number(expect(field, value));
      const compare = COMPARE[op];
      return (facts) => {
        const actual = read(facts, clock);
        return typeof actual === 'number' && compare(actual, bound);
      };
    }
  }
}

const COMPARE = {
  lt: (actual: number, bound: number) => actual < bound,
  lte: (actual: number, bound: number) => actual <= bound,
  gt: (actual: number, bound: number) => actual > bound,
  gte: (actual: number, bound: number) => actual >= bound,
} as const;

function expect(field: Field, value: unknown): Scalar {
  const read = readValue(field, value);
  if (read === null) throw new Error(`no value of ${field.name}`);
  return read;
}
