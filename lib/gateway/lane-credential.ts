import { WORKSPACE } from '@/lib/wire/batch-headers';
import { type HeaderPairs, header } from '@/lib/wire/headers';
import type { Principal } from './authenticate';

/** `key:<name>` of a configured credential, or `own:<hmac>` of the caller's; with `@<workspace>` where one is named. */
export function laneCredential({ key, credential }: Principal, headers: HeaderPairs): string {
  const workspace = header(headers, WORKSPACE);
  return `${key ? `key:${key.upstream}` : `own:${credential}`}${workspace === null ? '' : `@${workspace}`}`;
}
