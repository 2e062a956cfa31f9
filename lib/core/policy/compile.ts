import { type Action, compileAction } from './action';
import { type CompiledCondition, compileCondition } from './compile-condition';
import type { PolicyDocument, Rule } from './document';
import type { Facts } from './facts';
import { type LocalClock, localClock } from './local-clock';
import { fnv1a, stableDraw } from './stable-hash';

const BUCKETS = 10_000;
const HEADER_FIELD = 'header.';

export interface CompiledRule {
  id: string;
  enabled: boolean;
  condition: CompiledCondition;
  action: Action;
  /** Of 10,000 buckets of sessions how many the rule may take; `null`: all. */
  buckets: number | null;
  /** Hash of the id: each rule draws its own buckets. */
  seed: number;
}

/** A published policy, ready to decide. */
export interface CompiledPolicy {
  version: number;
  paused: boolean;
  timeZone: string;
  rules: readonly CompiledRule[];
  default: Action;
  /** Names of the request headers that its conditions look at, in lower case. */
  headers: readonly string[];
}

/** @param document as `parsePolicy` answers it. */
export function compilePolicy(
  document: PolicyDocument,
  { version, paused }: { version: number; paused: boolean },
): CompiledPolicy {
  const timeZone = document.timeZone ?? 'UTC';
  const clock = localClock(timeZone);
  const rules = document.rules.map((rule) => compileRule(rule, clock));
  const headers = new Set<string>();
  for (const { condition } of rules) addHeaders(condition, headers);
  return { version, paused, timeZone, rules, default: compileAction(document.default), headers: [...headers] };
}

function compileRule(rule: Rule, clock: LocalClock): CompiledRule {
  const { rollout = 100 } = rule;
  return {
    id: rule.id,
    enabled: rule.enabled,
    condition: compileCondition(rule.when, clock),
    action: compileAction(rule.then),
    // bucket < 100 · rollout, and 100 · 0.07 is a little above 7.
    buckets: rollout === 100 ? null : Math.ceil(rollout * 100 - 1e-9),
    // No id holds a line break, so that no id and text can be another's.
    seed: fnv1a(`${rule.id}\n`),
  };
}

function addHeaders(condition: CompiledCondition, into: Set<string>): void {
  if (condition.shape === 'not') addHeaders(condition.part, into);
  else if (condition.shape === 'all' || condition.shape === 'any') {
    for (const part of condition.parts) addHeaders(part, into);
  } else if (condition.shape === 'comparison' && condition.field.name.startsWith(HEADER_FIELD)) {
    into.add(condition.field.name.slice(HEADER_FIELD.length));
  }
}

/** The first enabled rule that holds and whose rollout has the call; `null`: the default acts. */
export function firstMatch(policy: CompiledPolicy, facts: Facts): CompiledRule | null {
  for (const rule of policy.rules) {
    if (rule.enabled && rule.condition.holds(facts) && (rule.buckets === null || inRollout(rule, facts))) return rule;
  }
  return null;
}

/** Sessions stay on one side of a rollout, and a growing rollout only ever takes in more. */
export function inRollout({ buckets, seed }: CompiledRule, { sessionId, requestId }: Facts): boolean {
  return buckets === null || stableDraw(seed, sessionId ?? requestId, BUCKETS) < buckets;
}
