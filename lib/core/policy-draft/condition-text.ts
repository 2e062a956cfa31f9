import { type Comparison, type Condition, isComparison } from '@/lib/core/policy/condition';
import type { ActionDocument } from '@/lib/core/policy/document';

const OPS: Readonly<Record<string, string>> = {
  eq: 'is',
  ne: 'is not',
  in: 'is one of',
  lt: '<',
  lte: '≤',
  gt: '>',
  gte: '≥',
  glob: 'matches',
};

const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

/** A condition as a sentence's end: `tolerance ≥ 10m and (agent is subagent or tag.job is evals)`. */
export function conditionText(condition: Condition, isInner = false): string {
  if (isComparison(condition)) return comparisonText(condition);
  if ('not' in condition) return `not (${conditionText(condition.not)})`;
  const isAll = 'all' in condition;
  const parts = 'all' in condition ? condition.all : 'any' in condition ? condition.any : null;
  if (!parts) return 'every call';
  if (parts.length === 0) return isAll ? 'every call' : 'no call';
  const text = parts.map((part) => conditionText(part, parts.length > 1)).join(isAll ? ' and ' : ' or ');
  return isInner && parts.length > 1 ? `(${text})` : text;
}

export function comparisonText({ field, op, value }: Pick<Comparison, 'field' | 'op' | 'value'>): string {
  if (op === 'exists') return `${field} is ${value === true ? 'present' : 'missing'}`;
  return `${field} ${OPS[op] ?? op} ${valueText(field, value)}`;
}

export function valueText(field: string, value: Comparison['value'] | null): string {
  if (value === null) return 'missing';
  if (Array.isArray(value)) return value.length === 0 ? '(nothing)' : value.map((one) => scalar(field, one)).join(', ');
  return scalar(field, value);
}

function scalar(field: string, value: string | number | boolean): string {
  if (field === 'weekday' && typeof value === 'number') return DAYS[value - 1] ?? String(value);
  if (field === 'spend.today' && typeof value === 'number') return `$${value}`;
  if (value === '') return '“”';
  return String(value);
}

/** What an action does, a few words each, in the order in which they matter. What is left at its default is not said. */
export function actionParts(action: ActionDocument): string[] {
  if (action.lane === 'sync') return action.spill ? ['spills to batch on overload'] : [];
  return [
    ...(action.deadline === undefined ? [] : [`within ${action.deadline}`]),
    ...(action.lane === 'auto' ? autoParts(action) : []),
    ...(action.escalate === false ? ['never escalated'] : []),
    ...(action.window === undefined ? [] : [`window ${action.window}`]),
    ...(action.maxItems === undefined ? [] : [`at most ${action.maxItems} items`]),
  ];
}

function autoParts({ maxMiss, minSaving, explore }: Extract<ActionDocument, { lane: 'auto' }>): string[] {
  return [
    ...(maxMiss === undefined ? [] : [`misses ≤ ${percent(maxMiss)}`]),
    ...(minSaving === undefined ? [] : [`saves ≥ ${percent(minSaving)}`]),
    ...(explore === undefined ? [] : [`explores ${percent(explore)}`]),
  ];
}

export function percent(share: number): string {
  return `${Math.round(share * 10_000) / 100} %`;
}
