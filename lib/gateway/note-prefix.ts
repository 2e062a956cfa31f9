import { readUsage } from '@/lib/core/usage';
import type { Deps } from '@/lib/deps';
import type { Call } from './call';
import { laneCredential } from './lane-credential';

/** A synchronous call used upstream's prompt cache: what it wrote or read is warm now. After the answer, off its way. */
export function notePrefix(deps: Deps, call: Call, rawUsage: unknown): void {
  const tokens = readUsage(rawUsage)?.tokens;
  if (!tokens || call.opened.model === null) return;
  const written = tokens.cacheWrite5m + tokens.cacheWrite1h;
  if (tokens.cacheRead + written === 0) return;
  const answeredAt = deps.clock.now();
  setImmediate(() => {
    const prefix = call.prefix === undefined ? look(deps, call) : call.prefix;
    if (!prefix) return;
    const { arrivedAt } = call.opened;
    deps.prefixes.answered(call.id, prefix, { lane: 'sync', arrivedAt, answeredAt, read: tokens.cacheRead, written });
  });
}

function look(deps: Deps, { principal, exchange, opened, plainBody }: Call) {
  const owner = {
    credential: laneCredential(principal, exchange.headers),
    model: opened.model ?? '',
    keyId: opened.keyId,
    session: opened.sessionId,
  };
  try {
    return deps.prefixes.arrived(owner, plainBody, JSON.parse(plainBody.toString('utf8')), opened.arrivedAt);
  } catch {
    return null;
  }
}
