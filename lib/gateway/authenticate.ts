import type { ApiKey } from '@/lib/core/api-key';
import { ApiError } from '@/lib/core/errors';
import type { Deps } from '@/lib/deps';
import { type HeaderPairs, header } from '@/lib/wire/headers';

/** Who pays for a call, and with which credential it goes upstream. */
export interface Principal {
  /** `null`: the caller's own credential is passed through. */
  key: ApiKey | null;
  /** First 16 hex digits of the HMAC of a passed-through credential: its scope in the log. */
  credential: string | null;
  /** Headers that carry the upstream credential. */
  upstreamHeaders: [string, string][];
}

/**
 * Accepts `x-api-key` or `Authorization: Bearer`; where both are sent, `x-api-key` wins unless only the other one is an
 * Offpeak key (a harness may send its own credential beside the configured token).
 * @throws ApiError 401 for a missing or wrong key, 529 when the key cannot be looked up.
 */
export async function authenticate(deps: Deps, headers: HeaderPairs): Promise<Principal> {
  const apiKey = header(headers, 'x-api-key');
  const authorization = header(headers, 'authorization');
  const bearer =
    authorization && /^bearer\s+/i.test(authorization) ? authorization.replace(/^bearer\s+/i, '').trim() : null;
  const offpeakKey = [apiKey, bearer].find((secret) => secret?.startsWith('opk_'));
  if (offpeakKey) return withOffpeakKey(deps, offpeakKey);
  const own = apiKey ?? bearer;
  if (!own) throw new ApiError('authentication_error', 'x-api-key header is required');
  if (!deps.config.passthrough) throw new ApiError('authentication_error', 'invalid x-api-key');
  return {
    key: null,
    credential: deps.secrets.hmacKey(own).slice(0, 16),
    upstreamHeaders: [
      ...(apiKey ? [['x-api-key', apiKey] as [string, string]] : []),
      ...(authorization ? [['authorization', authorization] as [string, string]] : []),
    ],
  };
}

async function withOffpeakKey(deps: Deps, secret: string): Promise<Principal> {
  const found = deps.keyRing.lookup(secret);
  const result = found instanceof Promise ? await found : found;
  if (result === 'unavailable') {
    throw new ApiError('overloaded_error', 'Offpeak cannot look up this key right now; try again', {
      headers: { 'retry-after': '2' },
    });
  }
  if (result === 'unknown') throw new ApiError('authentication_error', 'invalid x-api-key');
  const credential = deps.upstream.credential(result.key.upstream);
  return {
    key: result.key,
    credential: null,
    // Without a configured credential upstream itself answers 401: the truth, in its own words.
    upstreamHeaders: credential === null ? [] : [['x-api-key', credential]],
  };
}
