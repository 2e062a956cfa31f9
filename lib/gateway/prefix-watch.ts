import { createHash } from 'node:crypto';
import { type PrefixCall, PrefixMemory, type PrefixOutcome, type SavedShares } from '@/lib/core/auto/prefix-memory';
import { CACHE_TTL_MS, isPrefixWarm, type PrefixState } from '@/lib/core/auto/prefix-state';
import { cachePrefixes } from '@/lib/wire/cache-prefix';

/** A call's cacheable prefix, and what was known of it when the call arrived. */
export interface WatchedPrefix {
  call: PrefixCall;
  state: PrefixState;
  /** Up to its last mark; an estimate. */
  tokens: number;
  /** Upstream has it because of a synchronous call. */
  isWarm: boolean;
  /** Of those tokens, what upstream has because of synchronous calls: all of them, or up to an earlier mark. */
  warmTokens: number;
}

/** Whose prefix it is: caches are a workspace's and a model's, shares are measured by key and model. */
export interface PrefixOwner {
  credential: string;
  model: string;
  keyId: string | null;
  session: string | null;
}

/** Half a SHA-256: what tells two apart, and nothing of what it was made from. */
const HASH_CHARS = 32;
const MARK = Buffer.from('"cache_control"');

/** Whether anything in a body may be marked to be kept; where not, it need not be parsed to find out. */
export function mayBeMarked(bytes: Buffer): boolean {
  return bytes.includes(MARK);
}

/**
 * Which prompt prefixes upstream keeps because synchronous calls used them: a call that would read one for a tenth of its
 * price is not to be sent where all of it costs half. In memory; `SharedPrefixes` tells it what other processes see.
 */
export class PrefixWatch {
  readonly #memory = new PrefixMemory();

  /** `null`: nothing in the body is marked to be kept. @param json the body, parsed. */
  arrived(owner: PrefixOwner, bytes: Buffer, json: unknown, at: number): WatchedPrefix | null {
    return this.#watch(owner, bytes, json, at, (call) => this.#memory.arrived(call, at));
  }

  /** The same of a call that only might be made: nothing is remembered of it. */
  look(owner: PrefixOwner, bytes: Buffer, json: unknown, at: number): WatchedPrefix | null {
    return this.#watch(owner, bytes, json, at, (call) => this.#memory.look(call, at));
  }

  #watch(
    owner: PrefixOwner,
    bytes: Buffer,
    json: unknown,
    at: number,
    ask: (call: PrefixCall) => PrefixState,
  ): WatchedPrefix | null {
    const prefixes = mayBeMarked(bytes) && isObject(json) ? cachePrefixes(json) : [];
    const whole = prefixes.at(-1);
    if (!whole) return null;
    const { credential, model, keyId, session } = owner;
    const call: PrefixCall = {
      scope: digest(`${keyId}\n${model}`),
      hashes: prefixes.map(({ hash }) => digest(`${credential}\n${model}\n${hash}`)),
      ttl: whole.ttlMs === CACHE_TTL_MS['1h'] ? '1h' : '5m',
      session: session === null ? null : digest(session),
    };
    const state = ask(call);
    const warm = this.#memory.warmHash(call, at);
    const warmTokens = warm === null ? 0 : (prefixes[call.hashes.indexOf(warm)]?.tokens ?? 0);
    return { call, state, tokens: whole.tokens, isWarm: isPrefixWarm(state, at), warmTokens };
  }

  answered({ call, state }: WatchedPrefix, outcome: PrefixOutcome): void {
    this.#memory.answered(call, state, outcome);
  }

  /** Another process served this call. */
  heard(call: PrefixCall, outcome: PrefixOutcome): void {
    this.#memory.heard(call, outcome);
  }

  sharesOf(scope: string): SavedShares | null {
    return this.#memory.sharesOf(scope);
  }

  restore(scope: string, shares: SavedShares): void {
    this.#memory.restore(scope, shares);
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, HASH_CHARS);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
