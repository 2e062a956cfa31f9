/** Headers as `[name, value]` in their original order; a name may repeat. */
export type HeaderPairs = (readonly [string, string])[];

/**
 * Never forwarded upstream. Hop-by-hop fields (RFC 9110, 7.6.1) belong to one connection; the credential is replaced;
 * the length is set anew; a cookie or the caller's address is none of upstream's business. Everything else is an open
 * set and goes up as it came.
 */
const NOT_UPSTREAM = new Set([
  'host',
  'connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'keep-alive',
  'proxy-authorization',
  'proxy-authenticate',
  'proxy-connection',
  'expect',
  'cookie',
  'authorization',
  'x-api-key',
  'forwarded',
  'x-real-ip',
  'content-length',
  'accept-encoding',
]);

/** Headers that Offpeak reads and removes. */
export const OWN_HEADERS = new Set([
  'x-offpeak-tolerance',
  'x-offpeak-tags',
  'x-offpeak-lane',
  'x-offpeak-retries',
  'x-offpeak-store',
  'idempotency-key',
]);

/** Headers that carry a credential; never stored with a body. */
export const OWN_CREDENTIAL_HEADERS = new Set(['authorization', 'x-api-key']);

/** Never handed down: one connection's business, or upstream's own cookies. */
const NOT_DOWNSTREAM = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'trailer',
  'upgrade',
  'proxy-authenticate',
  'proxy-connection',
  'set-cookie',
  'alt-svc',
]);

/** What goes upstream of the caller's headers, in order; `credential` is appended by the upstream client. */
export function toUpstream(headers: HeaderPairs): [string, string][] {
  const named = connectionNamed(headers);
  const kept: [string, string][] = [];
  for (const [name, value] of headers) {
    const lower = name.toLowerCase();
    if (NOT_UPSTREAM.has(lower) || OWN_HEADERS.has(lower) || named.has(lower)) continue;
    if (lower.startsWith('x-forwarded-') || lower.startsWith('x-offpeak-')) continue;
    kept.push([name, value]);
  }
  // The side tap reads usage from the bytes: they must not be compressed.
  kept.push(['accept-encoding', 'identity']);
  return kept;
}

/** What comes down of upstream's headers; Offpeak's own namespace cannot be forged from there. */
export function toClient(headers: Readonly<Record<string, string | string[] | undefined>>): [string, string][] {
  const kept: [string, string][] = [];
  for (const [name, value] of Object.entries(headers)) {
    const lower = name.toLowerCase();
    if (value === undefined || NOT_DOWNSTREAM.has(lower) || lower.startsWith('x-offpeak-')) continue;
    for (const one of Array.isArray(value) ? value : [value]) kept.push([name, one]);
  }
  return kept;
}

/** The value of a header that may occur once; the first when a caller repeats it. */
export function header(headers: HeaderPairs, name: string): string | null {
  for (const [key, value] of headers) if (key.length === name.length && key.toLowerCase() === name) return value;
  return null;
}

export function headerValues(headers: HeaderPairs, name: string): string[] {
  return headers.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value);
}

// RFC 9110, 7.6.1: a field that `Connection` names is hop-by-hop too.
function connectionNamed(headers: HeaderPairs): Set<string> {
  const named = headerValues(headers, 'connection');
  if (named.length === 0) return NOTHING;
  return new Set(named.flatMap((value) => value.split(',').map((part) => part.trim().toLowerCase())));
}
const NOTHING: Set<string> = new Set();
