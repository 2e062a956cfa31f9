import type { Logger } from '@/lib/log';

const TRIES = 3;
/** `CONNECT_TIMEOUT` is postgres.js', 57014 a statement that ran out of its time, 57P03 a server that is starting. */
const SLOW = new Set(['CONNECT_TIMEOUT', '57014', '57P03']);

/**
 * Does a step of the start again while the database is only slow to answer, as when many replicas start at once on a
 * busy one. Every such step may be done twice. What cannot be used at all ends the start.
 */
export async function patiently<T>(log: Logger, step: () => Promise<T>, tries = TRIES): Promise<T> {
  for (let left = tries - 1; ; left--) {
    try {
      return await step();
    } catch (error) {
      if (left === 0 || !isSlow(error)) throw error;
      log.warn({ err: error }, 'the database is slow to answer; this step of the start is tried again');
    }
  }
}

/** drizzle wraps what the driver throws. */
function isSlow(error: unknown): boolean {
  const { code, cause } = error as { code?: unknown; cause?: { code?: unknown } };
  return SLOW.has(String(code)) || SLOW.has(String(cause?.code));
}
