import type { PolicyDocument, Rule } from '@/lib/core/policy/document';

export interface Rebased {
  document: PolicyDocument;
  /** Ids of rules, or `default` and `timeZone`, that both sides changed differently: the draft's stand. */
  contended: readonly string[];
}

/**
 * The draft's changes on top of a version that was published since: rule by rule, by id. Where both changed the same
 * rule the draft's stands and is named.
 * @param base what the draft was made from.
 */
export function rebase(base: PolicyDocument, mine: PolicyDocument, theirs: PolicyDocument): Rebased {
  const contended: string[] = [];
  const [was, ours, others] = [byId(base), byId(mine), byId(theirs)];
  const pick = <T>(name: string, before: T, own: T, other: T): T => {
    if (same(own, before)) return other;
    if (!same(other, before) && !same(own, other)) contended.push(name);
    return own;
  };
  const kept = new Map<string, Rule>();
  for (const id of new Set([...others.keys(), ...ours.keys()])) {
    const rule = pick(id, was.get(id), ours.get(id), others.get(id));
    if (rule) kept.set(id, rule);
  }
  // The order is taken from whoever changed it; what the other one added goes behind the rule that it followed there.
  const isMine = !same(orderOf(base, ours), orderOf(mine, was));
  const [lead, rest] = isMine ? [mine, theirs] : [theirs, mine];
  const order = lead.rules.map(({ id }) => id).filter((id) => kept.has(id));
  for (const [i, { id }] of rest.rules.entries()) {
    if (!kept.has(id) || order.includes(id)) continue;
    const before = rest.rules.slice(0, i).findLast((rule) => order.includes(rule.id));
    order.splice(before ? order.indexOf(before.id) + 1 : 0, 0, id);
  }
  const rules = order.flatMap((id) => kept.get(id) ?? []);
  const timeZone = pick('timeZone', base.timeZone, mine.timeZone, theirs.timeZone);
  const byDefault = pick('default', base.default, mine.default, theirs.default);
  return { document: { ...(timeZone === undefined ? {} : { timeZone }), rules, default: byDefault }, contended };
}

function byId({ rules }: PolicyDocument): ReadonlyMap<string, Rule> {
  return new Map(rules.map((rule) => [rule.id, rule]));
}

/** Of the rules that the other one has too. */
function orderOf({ rules }: PolicyDocument, other: ReadonlyMap<string, Rule>): string[] {
  return rules.map(({ id }) => id).filter((id) => other.has(id));
}

/** Documents are JSON; the order of their keys says nothing. */
export function same(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b);
}

function canonical(json: unknown): string | undefined {
  return JSON.stringify(json, (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}
