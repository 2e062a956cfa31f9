/**
 * Ids carry their time: a UUIDv7 (RFC 9562) starts with 48 bits of Unix milliseconds, so rows sort by arrival and a
 * look-up by id finds its day partition without an index on time.
 */
export type Uuid = string & { readonly __brand: 'uuid' };
/** `opr_` + UUIDv7: what a caller sees of one request. */
export type RequestId = `opr_${string}`;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const MAX_MS = 2 ** 48 - 1;
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** @param atMs Unix time in ms. @param random at least 10 random bytes. */
export function uuidV7(atMs: number, random: Uint8Array): Uuid {
  let hex = timeHex(atMs);
  for (let i = 0; i < 10; i++) {
    let byte = random[i] ?? 0;
    if (i === 0) byte = (byte & 0x0f) | 0x70;
    if (i === 2) byte = (byte & 0x3f) | 0x80;
    hex += HEX[byte];
  }
  return dashed(hex);
}

/** The smallest id of that millisecond: `id >= uuidFloor(from) and id < uuidFloor(to)` selects a time range. */
export function uuidFloor(atMs: number): Uuid {
  return dashed(`${timeHex(atMs)}${'0'.repeat(20)}`);
}

export function uuidTime(id: Uuid): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

export function requestId(id: Uuid): RequestId {
  return `opr_${id}`;
}

/** Reads `opr_…` or a bare UUID; `null` when it is neither. */
export function parseRequestId(text: string): Uuid | null {
  const bare = (text.startsWith('opr_') ? text.slice(4) : text).toLowerCase();
  return UUID.test(bare) ? (bare as Uuid) : null;
}

function timeHex(atMs: number): string {
  return Math.min(MAX_MS, Math.max(0, Math.floor(atMs)))
    .toString(16)
    .padStart(12, '0');
}

function dashed(hex: string): Uuid {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}` as Uuid;
}
