import { type PrefixCall, PrefixMemory, type PrefixOutcome } from '@/lib/core/auto/prefix-memory';
import { CACHE_TTL_MS, type PrefixState } from '@/lib/core/auto/prefix-state';
import { cachePrefixes } from '@/lib/wire/cache-prefix';

/** A call's cacheable prefix, and what was known of it when the call arrived. */
export interface WatchedPrefix {
  call: PrefixCall;
  state: PrefixState;
  /** Up to its last mark; an estimate. */
  tokens: number;
  /** Upstream has it because of a synchronous call. */
  isWarm: boolean;
}

/** Whose prefix it is: caches are a workspace's and a model's, shares are measured by key and model. */
export interface PrefixOwner {
  credential: string;
  model: string;
  keyId: string | null;
  session: string | null;
}

const MARK = Buffer.from('"cache_control"');

/**
 * Which prompt prefixes upstream keeps because synchronous calls of this process used them: a call that would read one
 * for a tenth of its price is not to be sent where all of it costs half. In memory; what is forgotten is measured anew.
 */
export class PrefixWatch {
  readonly #memory = new PrefixMemory();

  /** `null`: nothing in the body is marked to be kept. @param json the body, parsed. */
  arrived(owner: PrefixOwner, bytes: Buffer, json: unknown, at: number): WatchedPrefix | null {
    const prefixes = bytes.includes(MARK) && isObject(json) ? cachePrefixes(json) : [];
    const whole = prefixes.at(-1);
    if (!whole) return null;
    const { credential, model, keyId, session } = owner;
    const call: PrefixCall = {
      scope: `${keyId}\n${model}`,
      hashes: prefixes.map(({ hash }) => `${credential}\n${model}\n${hash}`),
      ttl: whole.ttlMs === CACHE_TTL_MS['1h'] ? '1h' : '5m',
      session,
    };
    const state = this.#memory.arrived(call, at);
    const isWarm = state.lastSyncAt !== null && at < state.lastSyncAt + CACHE_TTL_MS[call.ttl];
    return { call, state, tokens: whole.tokens, isWarm };
  }

  answered({ call, state }: WatchedPrefix, outcome: PrefixOutcome): void {
    this.#memory.answered(call, state, outcome);
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
