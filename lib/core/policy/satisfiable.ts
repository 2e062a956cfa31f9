import { compileComparison, namedValues, type ValueTest } from './comparison';
import { type Condition, isComparison } from './condition';
import { type Field, fieldOf, type Op } from './fields';
import { compileGlob } from './glob';

/** One comparison, or its negation. */
interface Literal {
  field: Field;
  op: Op;
  value: unknown;
  negated: boolean;
  accepts: ValueTest;
}

/** A condition as alternatives, each a list of comparisons that must all hold, and each possible. None: it never holds. */
export type Alternatives = readonly (readonly Literal[])[];

/** Bounds the work: alternatives multiply. */
export interface Budget {
  left: number;
}

const MOST_ALTERNATIVES = 64;

/**
 * The alternatives of `condition`, or of its opposite. `null`: too many to say. Errs to one side only: an alternative
 * that is left out cannot hold, one that is listed may still be impossible in a way that is not seen (two globs).
 */
export function alternatives(condition: Condition, budget: Budget, negated = false): Alternatives | null {
  if ('not' in condition) return alternatives(condition.not, budget, !negated);
  if (isComparison(condition)) return possible([[literal(condition.field, condition.op, condition.value, negated)]]);
  const parts = 'all' in condition ? condition.all : 'any' in condition ? condition.any : [];
  const isAll = !('any' in condition);
  let result: Alternatives | null = isAll === negated ? [] : [[]];
  for (const part of parts) {
    const next = alternatives(part, budget, negated);
    if (!result || !next) return null;
    result = isAll === negated ? bounded([...result, ...next]) : both(result, next, budget);
  }
  return result;
}

/** What holds where `a` and `b` both do. */
export function both(a: Alternatives, b: Alternatives, budget: Budget): Alternatives | null {
  const work = a.length * b.length;
  if (budget.left < work) return null;
  budget.left -= work;
  return bounded(possible(a.flatMap((one) => b.map((other) => [...one, ...other]))));
}

function bounded(all: Alternatives): Alternatives | null {
  return all.length > MOST_ALTERNATIVES ? null : all;
}

function literal(name: string, op: Op, value: unknown, negated: boolean): Literal {
  const field = fieldOf(name);
  if (typeof field === 'string') throw new Error(field);
  const test = compileComparison(field, op, value);
  return { field, op, value, negated, accepts: negated ? (actual) => !test(actual) : test };
}

function possible(all: Alternatives): Alternatives {
  return all.filter((literals) => {
    const byField = new Map<string, Literal[]>();
    for (const one of literals) {
      const same = byField.get(one.field.name);
      if (same) same.push(one);
      else byField.set(one.field.name, [one]);
    }
    return [...byField.values()].every(isPossible);
  });
}

/** @param literals of one field, at least one. */
function isPossible(literals: readonly Literal[]): boolean {
  const field = literals[0]?.field;
  if (!field) return true;
  const agree = (actual: string | number | boolean | null) => literals.every(({ accepts }) => accepts(actual));
  if (!field.always && agree(null)) return true;
  if (literals.some(({ op, value, negated }) => op === 'exists' && (value === true) === negated)) return false;
  const candidates = candidatesOf(field, literals);
  return candidates ? candidates.some(agree) : !excludesAllText(literals);
}

/** Values of which at least one fits when any value fits; `null`: there is no such list. */
function candidatesOf(field: Field, literals: readonly Literal[]): readonly (string | number | boolean)[] | null {
  const named = literals.flatMap(({ op, value }) => namedValues(field, op, value));
  switch (field.type) {
    case 'boolean':
      return [true, false];
    case 'choice':
      return field.choices;
    case 'text': {
      const finite = literals.find(namesAll);
      return finite ? (finite.op === 'glob' ? [String(finite.value)] : named) : null;
    }
    default: {
      // The named values cut the line; one point of each piece stands for all of it.
      const cuts = named.filter((one) => typeof one === 'number').sort((a, b) => a - b);
      const step = field.type === 'integer' || field.type === 'tolerance' ? 1 : undefined;
      const points = cuts.flatMap((cut, i) => [cut, step ? cut + step : (cut + (cuts[i + 1] ?? cut + 2)) / 2]);
      // A stated `interactive` never reaches a rule.
      const least = field.type === 'tolerance' ? 1 : field.min;
      return [least, ...points].filter((point) => point >= least && point <= field.max);
    }
  }
}

/** Leaves only the texts that it names. */
function namesAll({ op, value, negated }: Literal): boolean {
  if (negated) return op === 'ne';
  return op === 'eq' || op === 'in' || (op === 'glob' && !/[*?]/.test(String(value)));
}

/** Finitely many exclusions never exhaust a text; a glob can, when it covers what another one asks for. */
function excludesAllText(literals: readonly Literal[]): boolean {
  const globs = literals.filter(({ op }) => op === 'glob');
  const asked = globs.filter(({ negated }) => !negated).map(({ value }) => String(value));
  const excluded = globs.filter(({ negated }) => negated).map(({ value }) => String(value));
  return excluded.some((glob) => covers(glob, '*') || asked.some((other) => covers(glob, other)));
}

// Two characters that no pattern holds stand for what the wildcards of `narrow` may take; only a star of `wide` takes them.
function covers(wide: string, narrow: string): boolean {
  if (wide === narrow) return true;
  return !wide.includes('?') && compileGlob(wide)(narrow.replaceAll('*', '\uE000').replaceAll('?', '\uE001'));
}
