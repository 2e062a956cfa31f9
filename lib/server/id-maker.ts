import { randomFillSync } from 'node:crypto';
import { type Uuid, uuidV7 } from '@/lib/core/ids';

const ID_BYTES = 10;

/** Makes UUIDv7s from a pool of random bytes: asking the system for ten at a time costs more than the rest of an id. */
export function idMaker(now: () => number): () => Uuid {
  const pool = new Uint8Array(ID_BYTES * 512);
  let used = pool.length;
  return () => {
    if (used === pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    used += ID_BYTES;
    return uuidV7(now(), pool.subarray(used - ID_BYTES, used));
  };
}
