import type { Condition } from '@/lib/core/policy/condition';
import type { PolicyDocument } from '@/lib/core/policy/document';

/** Deeper than a policy may be, so that what is too deep can still be looked at; never so deep that drawing it fails. */
const MOST_DEPTH = 16;
const LANES: readonly unknown[] = ['sync', 'batch', 'auto'];

/**
 * The document, when its shape is one that a form can show: its values may still be wrong, which is what `parsePolicy`
 * tells. `null`: something is not where it belongs.
 */
export function editableDocument(json: unknown): PolicyDocument | null {
  if (!isRecord(json) || !Array.isArray(json.rules) || !isAction(json.default)) return null;
  if (json.timeZone !== undefined && typeof json.timeZone !== 'string') return null;
  return json.rules.every(isRule) ? (json as unknown as PolicyDocument) : null;
}

function isRule(json: unknown): boolean {
  return (
    isRecord(json) &&
    typeof json.id === 'string' &&
    typeof json.name === 'string' &&
    typeof json.enabled === 'boolean' &&
    isText(json.note) &&
    isNumber(json.rollout) &&
    isCondition(json.when) &&
    isAction(json.then)
  );
}

function isAction(json: unknown): boolean {
  return (
    isRecord(json) &&
    LANES.includes(json.lane) &&
    [json.deadline, json.window].every(isText) &&
    [json.maxItems, json.maxMiss, json.minSaving, json.explore].every(isNumber) &&
    [json.spill, json.escalate].every((one) => one === undefined || typeof one === 'boolean')
  );
}

function isCondition(json: unknown, depth = 1): json is Condition {
  if (!isRecord(json) || depth > MOST_DEPTH) return false;
  const keys = Object.keys(json);
  if (keys.length === 0) return true;
  if (keys.length === 3) {
    return typeof json.field === 'string' && typeof json.op === 'string' && isValue(json.value);
  }
  if (keys.length !== 1) return false;
  if ('not' in json) return isCondition(json.not, depth + 1);
  const parts = json.all ?? json.any;
  return Array.isArray(parts) && parts.every((part) => isCondition(part, depth + 1));
}

function isValue(json: unknown): boolean {
  return Array.isArray(json) ? json.every(isScalar) : isScalar(json);
}

const isScalar = (json: unknown) => ['string', 'number', 'boolean'].includes(typeof json);
const isText = (json: unknown) => json === undefined || typeof json === 'string';
const isNumber = (json: unknown) => json === undefined || typeof json === 'number';

function isRecord(json: unknown): json is Record<string, unknown> {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}
