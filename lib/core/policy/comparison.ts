import { type Actual, type Field, type Op, readValue } from './fields';
import { compileGlob } from './glob';

export type ValueTest = (actual: Actual) => boolean;

/** What `op` and `value` say of one actual value. A missing one (`null`) fails all but `ne` and `exists: false`. */
export function compileComparison(field: Field, op: Op, value: unknown): ValueTest {
  switch (op) {
    case 'exists':
      return value === true ? (actual) => actual !== null : (actual) => actual === null;
    case 'eq': {
      const wanted = known(field, value);
      return (actual) => actual === wanted;
    }
    case 'ne': {
      const unwanted = known(field, value);
      return (actual) => actual !== unwanted;
    }
    case 'in': {
      const wanted = new Set<Actual>(listed(field, value));
      return (actual) => wanted.has(actual);
    }
    case 'glob': {
      const fits = compileGlob(String(value));
      return (actual) => typeof actual === 'string' && fits(actual);
    }
    case 'lt': {
      const bound = known(field, value);
      return (actual) => actual !== null && actual < bound;
    }
    case 'lte': {
      const bound = known(field, value);
      return (actual) => actual !== null && actual <= bound;
    }
    case 'gt': {
      const bound = known(field, value);
      return (actual) => actual !== null && actual > bound;
    }
    case 'gte': {
      const bound = known(field, value);
      return (actual) => actual !== null && actual >= bound;
    }
  }
}

/** The values that a comparison names, in the field's unit; none for `exists` and `glob`. */
export function namedValues(field: Field, op: Op, value: unknown): (string | number | boolean)[] {
  if (op === 'exists' || op === 'glob') return [];
  return op === 'in' ? listed(field, value) : [known(field, value)];
}

function listed(field: Field, value: unknown): (string | number | boolean)[] {
  return Array.isArray(value) ? value.map((one) => known(field, one)) : [];
}

function known(field: Field, value: unknown): string | number | boolean {
  const read = readValue(field, value);
  if (read === null) throw new Error(`no value of ${field.name}`);
  return read;
}
