import type { PrefixOutcome } from '@/lib/core/auto/prefix-memory';
import type { Uuid } from '@/lib/core/ids';
import type { AttemptRecord } from '@/lib/core/request-record';
import { readUsage } from '@/lib/core/usage';
import type { Deps } from '@/lib/deps';
import type { Call } from './call';
import { laneCredential } from './lane-credential';
import { mayBeMarked, type WatchedPrefix } from './prefix-watch';

/** A synchronous call used upstream's prompt cache: what it wrote or read is warm now. After the answer, off its way. */
export function notePrefix(deps: Deps, call: Call, rawUsage: unknown): void {
  const tokens = cacheTokens(rawUsage);
  if (tokens === null || call.opened.model === null) return;
  const { arrivedAt } = call.opened;
  const outcome: PrefixOutcome = { lane: 'sync', arrivedAt, answeredAt: deps.clock.now(), ...tokens };
  setImmediate(() => {
    const prefix = prefixOf(deps, call, 'arrived');
    if (prefix) deps.prefixes.answered(call.id, prefix, outcome);
  });
}

/** The same of an item of the batch lane, when its caller is answered: from a batch, or by sync instead. */
export function noteItemPrefix(deps: Deps, id: Uuid, prefix: WatchedPrefix, attempt: AttemptRecord): void {
  const { lane, startedAt } = attempt;
  const tokens = cacheTokens(attempt.usage);
  if (tokens === null) return;
  // Upstream's clock may be ahead, and who calls next must not find an answer of the future.
  const answeredAt = Math.min(attempt.endedAt, deps.clock.now());
  deps.prefixes.answered(id, prefix, { lane, arrivedAt: Math.min(startedAt, answeredAt), answeredAt, ...tokens });
}

/** Of a call that comes back for its answer: it counts once, when it has it. */
export function prefixAgain(deps: Deps, call: Call): WatchedPrefix | null {
  return prefixOf(deps, call, 'look');
}

/** Prompt tokens that were read from the cache and written to it; `null`: neither. */
function cacheTokens(rawUsage: unknown): { read: number; written: number } | null {
  const tokens = readUsage(rawUsage)?.tokens;
  if (!tokens) return null;
  const written = tokens.cacheWrite5m + tokens.cacheWrite1h;
  return tokens.cacheRead + written === 0 ? null : { read: tokens.cacheRead, written };
}

function prefixOf(deps: Deps, call: Call, how: 'arrived' | 'look'): WatchedPrefix | null {
  if (call.prefix !== undefined) return call.prefix;
  const { principal, exchange, opened, plainBody } = call;
  if (!mayBeMarked(plainBody)) return null;
  const owner = {
    credential: laneCredential(principal, exchange.headers),
    model: opened.model ?? '',
    keyId: opened.keyId,
    session: opened.sessionId,
  };
  try {
    return deps.prefixes[how](owner, plainBody, JSON.parse(plainBody.toString('utf8')), opened.arrivedAt);
  } catch {
    return null;
  }
}
