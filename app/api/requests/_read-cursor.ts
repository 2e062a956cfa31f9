import { ApiError } from '@/lib/core/errors';
import { parseRequestId, type Uuid } from '@/lib/core/ids';
import type { RequestOrder } from '@/lib/core/request-states';

/** Where a list goes on. @throws ApiError `invalid_request_error`. */
export function readCursor(text: string | undefined, order: RequestOrder): Uuid | null {
  if (text === undefined) return null;
  const cursor = parseRequestId(text);
  if (!cursor) throw new ApiError('invalid_request_error', 'cursor: is none that this API answered');
  if (order !== 'newest') throw new ApiError('invalid_request_error', 'cursor: only the order newest has more pages');
  return cursor;
}

export function highestOf(order: RequestOrder): 'cost' | 'latency' | undefined {
  return order === 'newest' ? undefined : order;
}
