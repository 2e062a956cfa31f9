import type { ActionDocument, PolicyDocument, Rule } from '@/lib/core/policy/document';
import { conditionText, percent } from './condition-text';

export interface FieldChange {
  field: string;
  /** `null`: it was, or is, not there. */
  before: string | null;
  after: string | null;
}

export interface RuleChange {
  id: string;
  name: string;
  kind: 'added' | 'removed' | 'changed' | 'moved';
  /** Places counted from 1; `null`: it was, or is, not there. */
  from: number | null;
  to: number | null;
  /** It also stands elsewhere among those that stayed. */
  hasMoved: boolean;
  fields: readonly FieldChange[];
}

export interface PolicyDiff {
  rules: readonly RuleChange[];
  default: readonly FieldChange[];
  timeZone: FieldChange | null;
  /** Number of things that changed. */
  count: number;
}

/** What a reader has to know of the step from one document to another: in the order of the new one, removed rules last. */
export function diffPolicies(before: PolicyDocument, after: PolicyDocument): PolicyDiff {
  const old = new Map(before.rules.map((rule, i) => [rule.id, { rule, place: i + 1 }]));
  const moved = movedIds(before, after);
  const rules: RuleChange[] = [];
  for (const [i, rule] of after.rules.entries()) {
    const was = old.get(rule.id);
    old.delete(rule.id);
    const { id, name } = rule;
    if (!was) {
      rules.push({ id, name, kind: 'added', from: null, to: i + 1, hasMoved: false, fields: ruleChanges(null, rule) });
      continue;
    }
    const fields = ruleChanges(was.rule, rule);
    const hasMoved = moved.has(id);
    if (fields.length === 0 && !hasMoved) continue;
    rules.push({
      id,
      name,
      kind: fields.length > 0 ? 'changed' : 'moved',
      from: was.place,
      to: i + 1,
      hasMoved,
      fields,
    });
  }
  for (const [id, { rule, place }] of old) {
    const fields = ruleChanges(rule, null);
    rules.push({ id, name: rule.name, kind: 'removed', from: place, to: null, hasMoved: false, fields });
  }
  const byDefault = changes(actionFields(before.default), actionFields(after.default));
  const [timeZone = null] = changes(
    { 'time zone': before.timeZone ?? 'UTC' },
    { 'time zone': after.timeZone ?? 'UTC' },
  );
  const count = rules.length + (byDefault.length > 0 ? 1 : 0) + (timeZone ? 1 : 0);
  return { rules, default: byDefault, timeZone, count };
}

/** The fewest rules whose move explains the new order: all but those of a longest run that kept its order. */
function movedIds(before: PolicyDocument, after: PolicyDocument): ReadonlySet<string> {
  const places = new Map(before.rules.map(({ id }, i) => [id, i]));
  const common = after.rules.map(({ id }) => id).filter((id) => places.has(id));
  const best: string[][] = [];
  for (const [i, id] of common.entries()) {
    let longest: string[] = [];
    for (const [j, run] of best.entries()) {
      if (j < i && (places.get(common[j] ?? '') ?? 0) < (places.get(id) ?? 0) && run.length > longest.length)
        longest = run;
    }
    best.push([...longest, id]);
  }
  const kept = new Set(best.reduce((most, run) => (run.length > most.length ? run : most), [] as string[]));
  return new Set(common.filter((id) => !kept.has(id)));
}

type Fields = Readonly<Record<string, string | null>>;

function ruleChanges(before: Rule | null, after: Rule | null): FieldChange[] {
  const all = changes(before ? ruleFields(before) : {}, after ? ruleFields(after) : {});
  if (before && after) return all;
  // Of a whole rule its name stands above, and that it is on goes without saying.
  return all.filter(({ field, ...sides }) => field !== 'name' && (sides.before ?? sides.after) !== 'on');
}

function ruleFields(rule: Rule): Fields {
  return {
    name: rule.name,
    state: rule.enabled ? 'on' : 'off',
    when: conditionText(rule.when),
    ...actionFields(rule.then),
    rollout: rule.rollout === undefined || rule.rollout === 100 ? null : `${rule.rollout} %`,
    note: rule.note ?? null,
  };
}

function actionFields(action: ActionDocument): Fields {
  if (action.lane === 'sync') return { lane: 'sync', spill: action.spill ? 'yes' : null };
  const { lane, deadline = null, escalate, window = null, maxItems } = action;
  return {
    lane,
    deadline,
    ...(action.lane === 'auto' && {
      'max. misses': action.maxMiss === undefined ? null : percent(action.maxMiss),
      'min. saving': action.minSaving === undefined ? null : percent(action.minSaving),
      explore: action.explore === undefined ? null : percent(action.explore),
    }),
    escalate: escalate === false ? 'no' : null,
    window,
    'max. items': maxItems === undefined ? null : String(maxItems),
  };
}

function changes(before: Fields, after: Fields): FieldChange[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((field) => {
    const change = { field, before: before[field] ?? null, after: after[field] ?? null };
    return change.before === change.after ? [] : [change];
  });
}
