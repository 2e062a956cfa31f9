import { compileAction } from './action';
import type { PolicyDocument, Rule } from './document';
import { type Alternatives, alternatives, type Budget, both } from './satisfiable';

export interface PolicyWarning {
  kind: 'never' | 'unreachable' | 'overlap' | 'explore' | 'reserved';
  /** As in a fault: `rules[2].when`. */
  path: string;
  rule: string;
  message: string;
}

const RESERVED = new Set(['default', 'override', 'paused', 'probe']);
// Keeps the worst document below about half a second; 200 plain rules are done long before.
const MOST_WORK = 100_000;

interface Seen {
  rule: Rule;
  holds: Alternatives | null;
  fails: Alternatives | null;
  fields: string;
}

/**
 * What a valid document says but can hardly mean: rules that no call can reach, neighbours that contend for calls.
 * Best effort: each warning is true, but not all that could be said is found.
 */
export function policyWarnings(document: PolicyDocument): PolicyWarning[] {
  const budget: Budget = { left: MOST_WORK };
  const warnings: PolicyWarning[] = [];
  const before: Seen[] = [];
  /** What the rules so far leave at most. */
  let rest: Alternatives = [[]];
  for (const [i, rule] of document.rules.entries()) {
    const warn = (kind: PolicyWarning['kind'], part: string, message: string) =>
      warnings.push({ kind, path: `rules[${i}].${part}`, rule: rule.id, message });
    if (RESERVED.has(rule.id)) warn('reserved', 'id', `the log uses "${rule.id}" for calls that no rule decided`);
    if (rule.then.lane === 'auto' && rule.then.explore && rule.then.escalate === false) {
      warn('explore', 'then.explore', 'has no effect without escalate');
    }
    if (!rule.enabled) continue;
    if (rule.rollout === 0) {
      warn('never', 'rollout', 'no call can match: the rollout is 0');
      continue;
    }
    const holds = alternatives(rule.when, budget);
    if (holds?.length === 0) {
      warn('never', 'when', 'no call can match: the condition can never hold');
      continue;
    }
    const taker = takerOf(holds, before, rest, budget);
    if (taker !== null) {
      warn('unreachable', 'when', `no call gets here: ${taker} each one first`);
      continue;
    }
    // A partial rollout leaves calls to the rules behind it, and is meant to.
    if ((rule.rollout ?? 100) < 100) continue;
    const seen: Seen = { rule, holds, fails: alternatives(rule.when, budget, true), fields: fieldsOf(holds) };
    const rival = before.find((earlier) => contend(seen, earlier, budget));
    if (rival) {
      warn('overlap', 'when', `some calls match rule "${rival.rule.id}" too, which comes first and acts otherwise`);
    }
    before.push(seen);
    rest = (seen.fails && both(rest, seen.fails, budget)) ?? rest;
  }
  return warnings;
}

/** Who takes all calls of `holds`; `null`: nobody, or nobody knows. */
function takerOf(holds: Alternatives | null, before: readonly Seen[], rest: Alternatives, budget: Budget) {
  const one = before.find(({ fails }) => isEmpty(holds, fails, budget));
  if (one) return `rule "${one.rule.id}" takes`;
  return isEmpty(holds, rest, budget) ? 'the rules before it take' : null;
}

/** About the same fields, with different actions, and neither condition within the other: the order decides silently. */
function contend(later: Seen, earlier: Seen, budget: Budget): boolean {
  if (later.fields === '' || later.fields !== earlier.fields) return false;
  if (JSON.stringify(compileAction(later.rule.then)) === JSON.stringify(compileAction(earlier.rule.then))) return false;
  if (!later.holds || !earlier.holds) return false;
  const shared = both(later.holds, earlier.holds, budget);
  if (!shared || shared.length === 0 || !later.fails) return false;
  // A special case in front of the general one is the usual way to write an exception.
  return !isEmpty(earlier.holds, later.fails, budget);
}

function isEmpty(a: Alternatives | null, b: Alternatives | null, budget: Budget): boolean {
  if (a?.length === 0 || b?.length === 0) return true;
  return a !== null && b !== null && both(a, b, budget)?.length === 0;
}

function fieldsOf(all: Alternatives | null): string {
  return [...new Set(all?.flatMap((literals) => literals.map(({ field }) => field.name)))].sort().join();
}
