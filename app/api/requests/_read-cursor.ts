import { ApiError } from '@/lib/core/errors';
import { parseRequestId, type Uuid } from '@/lib/core/ids';

/** Where a list goes on. @throws ApiError `invalid_request_error`. */
export function readCursor(text: string | undefined): Uuid | null {
  if (text === undefined) return null;
  const cursor = parseRequestId(text);
  if (!cursor) throw new ApiError('invalid_request_error', 'cursor: is none that this API answered');
  return cursor;
}
