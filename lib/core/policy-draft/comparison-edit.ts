import type { Comparison } from '@/lib/core/policy/condition';
import { type Field, fieldOf, type Op } from '@/lib/core/policy/fields';

/** A comparison about a field, with a value that makes a start. */
export function newComparison(name: string): Comparison {
  const field = fieldOf(name);
  if (typeof field === 'string') return { field: name, op: 'eq', value: '' };
  const op = usualOp(field);
  return { field: name, op, value: startOf(field, op) };
}

/** The same comparison of another field: operator and value stay where they still make sense. */
export function withField(comparison: Comparison, name: string): Comparison {
  const [before, after] = [fieldOf(comparison.field), fieldOf(name)];
  if (typeof after === 'string') return { ...comparison, field: name };
  const isAlike = typeof before !== 'string' && before.type === after.type && after.choices.length === 0;
  if (isAlike && before.max === after.max) return { ...comparison, field: name };
  const op = after.ops.includes(comparison.op) && comparison.op !== 'exists' ? comparison.op : usualOp(after);
  return { field: name, op, value: startOf(after, op) };
}

export function withOp(comparison: Comparison, op: Op): Comparison {
  const { field: name, op: before, value } = comparison;
  const field = fieldOf(name);
  if (op === before) return comparison;
  if (op === 'exists') return { field: name, op, value: true };
  if (op === 'in') return { field: name, op, value: Array.isArray(value) || before === 'exists' ? [] : listOf(value) };
  const [first] = Array.isArray(value) ? value : before === 'exists' ? [] : [value];
  return { field: name, op, value: first ?? (typeof field === 'string' ? '' : startOf(field, op)) };
}

function listOf(value: string | number | boolean): (string | number | boolean)[] {
  return value === '' ? [] : [value];
}

function usualOp({ type }: Field): Op {
  return type === 'integer' || type === 'usd' || type === 'duration' || type === 'tolerance' ? 'gte' : 'eq';
}

function startOf(field: Field, op: Op): Comparison['value'] {
  if (op === 'exists') return true;
  if (op === 'in') return [];
  switch (field.type) {
    case 'boolean':
      return true;
    case 'choice':
      return field.choices[0] ?? '';
    case 'integer':
    case 'usd':
      return field.max === Infinity ? 1_000 : field.min;
    case 'duration':
    case 'tolerance':
      return '10m';
    default:
      return '';
  }
}
