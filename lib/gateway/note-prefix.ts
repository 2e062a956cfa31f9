import type { Uuid } from '@/lib/core/ids';
import type { AttemptRecord } from '@/lib/core/request-record';
import type { Lane } from '@/lib/core/request-states';
import { readUsage } from '@/lib/core/usage';
import type { Deps } from '@/lib/deps';
import type { Call } from './call';
import { laneCredential } from './lane-credential';
import type { WatchedPrefix } from './prefix-watch';

/** A synchronous call used upstream's prompt cache: what it wrote or read is warm now. After the answer, off its way. */
export function notePrefix(deps: Deps, call: Call, rawUsage: unknown): void {
  const { arrivedAt } = call.opened;
  const noted = { lane: 'sync', arrivedAt, answeredAt: deps.clock.now() } as const;
  if (cacheTokens(rawUsage) === null || call.opened.model === null) return;
  setImmediate(() => {
    const prefix = prefixOf(deps, call, 'arrived');
    if (prefix) note(deps, call.id, prefix, { ...noted, usage: rawUsage });
  });
}

/** The same of an item of the batch lane, when its caller is answered: from a batch, or by sync instead. */
export function noteItemPrefix(deps: Deps, id: Uuid, prefix: WatchedPrefix, attempt: AttemptRecord): void {
  const { lane, startedAt, usage } = attempt;
  // Upstream's clock may be ahead, and who calls next must not find an answer of the future.
  const answeredAt = Math.min(attempt.endedAt, deps.clock.now());
  note(deps, id, prefix, { lane, arrivedAt: Math.min(startedAt, answeredAt), answeredAt, usage });
}

/** Of a call that comes back for its answer: it counts once, when it has it. */
export function prefixAgain(deps: Deps, call: Call): WatchedPrefix | null {
  return prefixOf(deps, call, 'look');
}

interface Noted {
  lane: Lane;
  arrivedAt: number;
  answeredAt: number;
  usage: unknown;
}

function note(deps: Deps, id: Uuid, prefix: WatchedPrefix, { usage, ...when }: Noted): void {
  const tokens = cacheTokens(usage);
  if (tokens) deps.prefixes.answered(id, prefix, { ...when, ...tokens });
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
