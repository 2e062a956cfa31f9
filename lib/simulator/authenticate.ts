import type { IncomingHttpHeaders } from 'node:http';
import { ApiError } from './api-error';
import { derivedId, derivedUuid } from './identifiers';
import { hash53 } from './seeded-random';

/** An API key that the simulator knows when it does not accept any. */
export interface KnownKey {
  readonly key: string;
  readonly workspace: string;
  readonly organization: string;
}

/** Who is asking. `key` is a fingerprint: the credential itself is never kept. */
export interface Caller {
  readonly key: string;
  readonly workspace: string;
  readonly organization: string;
}

/**
 * Resolves a request's credential: `x-api-key`, which wins, or `Authorization: Bearer`.
 *
 * With `'any'` each key has its own workspace in one organisation, but keys that contain `ws-NAME` share the
 * workspace NAME and keys that contain `org-NAME` belong to the organisation NAME. `anthropic-workspace-id` names the
 * workspace outright. Keys that start with `invalid` are refused.
 *
 * @throws ApiError 401 without a good key, 403 for a workspace that the key does not belong to
 */
export class Authenticator {
  readonly #known: ReadonlyMap<string, KnownKey> | null;
  readonly #seen = new Map<string, Caller>();

  constructor(apiKeys: 'any' | readonly KnownKey[]) {
    this.#known = apiKeys === 'any' ? null : new Map(apiKeys.map((entry) => [entry.key, entry]));
  }

  authenticate(headers: IncomingHttpHeaders): Caller {
    const key = credentialOf(headers);
    const caller = this.#seen.get(key) ?? this.#learn(key);
    const workspace = headers['anthropic-workspace-id'];
    if (typeof workspace !== 'string' || workspace === '' || workspace === caller.workspace) return caller;
    if (this.#known !== null) {
      throw new ApiError('permission_error', `This API key does not have access to workspace ${workspace}.`);
    }
    return { ...caller, workspace };
  }

  #learn(key: string): Caller {
    const fingerprint = keyFingerprint(key);
    let caller: Caller;
    if (this.#known === null) {
      if (key.startsWith('invalid')) throw unauthenticated('invalid x-api-key');
      const workspace = /ws-([a-z0-9]+)/i.exec(key)?.[1] ?? key;
      const organization = /org-([a-z0-9]+)/i.exec(key)?.[1] ?? 'default';
      caller = { key: fingerprint, workspace: derivedId('wrkspc', workspace), organization: derivedUuid(organization) };
    } else {
      const known = this.#known.get(key);
      if (known === undefined) throw unauthenticated('invalid x-api-key');
      caller = { key: fingerprint, workspace: known.workspace, organization: known.organization };
    }
    if (this.#seen.size < 10_000) this.#seen.set(key, caller);
    return caller;
  }
}

/** How ledger and callers name a credential. */
export function keyFingerprint(key: string): string {
  return `key_${hash53(key).toString(36)}`;
}

/** The credential as it was sent. @throws ApiError 401 when there is none */
export function credentialOf(headers: IncomingHttpHeaders): string {
  const apiKey = headers['x-api-key'];
  if (typeof apiKey === 'string' && apiKey !== '') return apiKey;
  const authorization = headers.authorization;
  if (authorization === undefined) throw unauthenticated('x-api-key header is required');
  const token = /^Bearer\s+(\S+)\s*$/i.exec(authorization)?.[1];
  if (token === undefined) throw unauthenticated('invalid bearer token');
  return token;
}

function unauthenticated(message: string): ApiError {
  return new ApiError('authentication_error', message);
}
