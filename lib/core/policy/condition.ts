import { type Field, fieldOf, isStorable, OPS, type Op, readValue, valueRule } from './fields';

type Scalar = string | number | boolean;

/** The part of a rule that a call must fulfil, as the document writes it; `{}` is always fulfilled. */
export type Condition =
  | Record<string, never>
  | { all: Condition[] }
  | { any: Condition[] }
  | { not: Condition }
  | Comparison;

export interface Comparison {
  field: string;
  op: Op;
  value: Scalar | Scalar[];
}

export function isComparison(condition: Condition): condition is Comparison {
  return 'field' in condition;
}

export type Path = (string | number)[];
export type Report = (path: Path, message: string) => void;

const MOST_DEPTH = 8;
const SHAPES = ['all', 'any', 'not'] as const;
const PARTS = ['field', 'op', 'value'] as const;
const KNOWN: ReadonlySet<string> = new Set([...SHAPES, ...PARTS]);

/** Reports every fault of what should be a condition. Stops below the deepest level that is allowed. */
export function checkCondition(json: unknown, report: Report, path: Path = [], depth = 1): void {
  if (depth > MOST_DEPTH) report(path, `conditions may be at most ${MOST_DEPTH} deep`);
  else if (isRecord(json)) checkShapes(json, report, path, depth);
  else report(path, 'must be a condition: {}, all, any, not, or field with op and value');
}

function checkShapes(json: Record<string, unknown>, report: Report, path: Path, depth: number): void {
  for (const key of Object.keys(json)) if (!KNOWN.has(key)) report([...path, key], 'is not part of a condition');
  const shapes = [
    ...SHAPES.filter((shape) => Object.hasOwn(json, shape)),
    ...(PARTS.some((part) => Object.hasOwn(json, part)) ? ['field'] : []),
  ];
  if (shapes.length > 1) report(path, `has more than one shape (${shapes.join(', ')}): nest them in all or any`);
  for (const shape of shapes) {
    if (shape === 'field') checkComparison(json, report, path);
    else if (shape === 'not') checkCondition(json.not, report, [...path, 'not'], depth + 1);
    else if (!Array.isArray(json[shape])) report([...path, shape], 'must be a list of conditions');
    else for (const [i, one] of json[shape].entries()) checkCondition(one, report, [...path, shape, i], depth + 1);
  }
}

function checkComparison(json: Record<string, unknown>, report: Report, path: Path): void {
  const missing = PARTS.filter((part) => !Object.hasOwn(json, part));
  for (const part of missing) report([...path, part], 'is missing');
  const field = typeof json.field === 'string' ? fieldOf(json.field) : 'must be the name of a field';
  if (typeof field === 'string' && !missing.includes('field')) report([...path, 'field'], field);
  const op = OPS.find((one) => one === json.op);
  if (!op && !missing.includes('op')) report([...path, 'op'], `must be one of ${OPS.join(', ')}`);
  if (typeof field === 'string' || !op) return;
  if (!field.ops.includes(op)) {
    report([...path, 'op'], `${op} does not apply to ${field.name}; use one of ${field.ops.join(', ')}`);
  } else if (!missing.includes('value')) {
    checkValue(json.value, field, op, (at, rule) => report([...path, 'value', ...at], `must be ${rule}`));
  }
}

function checkValue(value: unknown, field: Field, op: Op, report: Report): void {
  if (op === 'exists') {
    if (typeof value !== 'boolean') report([], 'true (it exists) or false (it is missing)');
  } else if (op === 'glob') {
    if (typeof value !== 'string' || !isStorable(value)) report([], 'text without NUL, in which * and ? are wild');
  } else if (op !== 'in') {
    if (readValue(field, value) === null) report([], valueRule(field));
  } else if (Array.isArray(value)) {
    for (const [i, one] of value.entries()) if (readValue(field, one) === null) report([i], valueRule(field));
  } else {
    report([], `a list, each ${valueRule(field)}`);
  }
}

function isRecord(json: unknown): json is Record<string, unknown> {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}
