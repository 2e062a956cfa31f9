import { act, type Decision, overridden, overrideOf } from '@/lib/core/decide';
import { type CompiledPolicy, type CompiledRule, firstMatch, inRollout } from '@/lib/core/policy/compile';
import type { CompiledCondition } from '@/lib/core/policy/compile-condition';
import type { Facts } from '@/lib/core/policy/facts';
import type { Actual } from '@/lib/core/policy/fields';
import type { AutoJudge } from '@/lib/core/policy/judge';
import { NotLogged } from '@/lib/core/policy/replay';

/** Beyond so many different calls the oldest verdicts are forgotten. */
const MOST_REMEMBERED = 100_000;
/** No text that a call may hold. */
const NOT_LOGGED = Symbol('not logged');

/** Part of the name of all calls that are alike. */
type Reader = (facts: Facts) => string;

/**
 * `decide` for many logged calls: which rule matches is found out once for all calls that are alike in what its
 * conditions look at. `null`: a condition asks for what was not logged.
 */
export class DecideAgain {
  readonly #readers: readonly Reader[];
  readonly #matches = new Map<string, CompiledRule | 'none' | typeof NOT_LOGGED>();

  constructor(private readonly policy: CompiledPolicy) {
    this.#readers = readersOf(policy);
  }

  decide(facts: Facts, judge: AutoJudge): Decision | null {
    const override = overrideOf(this.policy, facts);
    if (override !== null) return overridden(this.policy, override);
    const match = this.#match(facts);
    if (match === NOT_LOGGED) return null;
    return act(this.policy, match === 'none' ? null : match, facts, judge);
  }

  #match(facts: Facts): CompiledRule | 'none' | typeof NOT_LOGGED {
    let key = '';
    for (const read of this.#readers) key += read(facts);
    const known = this.#matches.get(key);
    if (known !== undefined) return known;
    const match = logged(() => firstMatch(this.policy, facts) ?? 'none');
    if (this.#matches.size >= MOST_REMEMBERED) this.#matches.clear();
    this.#matches.set(key, match);
    return match;
  }
}

/** What decides which rule matches: each field that is named, and each rollout. */
function readersOf({ rules }: CompiledPolicy): Reader[] {
  const fields = new Map<string, Reader>();
  const rollouts: Reader[] = [];
  for (const rule of rules) {
    if (!rule.enabled) continue;
    addFields(rule.condition, fields);
    if (rule.buckets !== null) rollouts.push((facts) => keyPart(inRollout(rule, facts)));
  }
  return [...fields.values(), ...rollouts];
}

function addFields(condition: CompiledCondition, into: Map<string, Reader>): void {
  if (condition.shape === 'not') addFields(condition.part, into);
  else if (condition.shape === 'all' || condition.shape === 'any') {
    for (const part of condition.parts) addFields(part, into);
  } else if (condition.shape === 'comparison') {
    const { field, clock } = condition;
    into.set(field.name, (facts) => keyPart(logged(() => field.read(facts, clock))));
  }
}

/** Kinds and lengths, so that no two lists of values are one text. */
function keyPart(value: Actual | typeof NOT_LOGGED): string {
  if (typeof value === 'string') return `${value.length}:${value}`;
  if (typeof value === 'number') return `${value};`;
  if (value === null) return '~';
  if (value === NOT_LOGGED) return '!';
  return value ? 't' : 'f';
}

function logged<T>(read: () => T): T | typeof NOT_LOGGED {
  try {
    return read();
  } catch (error) {
    if (error instanceof NotLogged) return NOT_LOGGED;
    throw error;
  }
}
