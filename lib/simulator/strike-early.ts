import type { ServerResponse } from 'node:http';
import { ApiError, typeOfStatus } from './api-error';
import type { Fault } from './fault-rule';
import { faultOf } from './fault-script';
import type { Reply } from './reply';

/**
 * Faults that come before any work, and so are not billed.
 *
 * @returns `null` when there will be no answer
 * @throws ApiError for a scripted error
 */
export function strikeEarly(faults: readonly Fault[], response: ServerResponse): Reply | null | 'go on' {
  if (faultOf(faults, 'reset')?.when === 'before_work') {
    response.socket?.resetAndDestroy();
    return null;
  }
  if (faultOf(faults, 'silence')?.when === 'before_headers') return null;
  const error = faultOf(faults, 'error');
  if (error === undefined) return 'go on';
  const retryAfter = error.retryAfterSeconds ?? null;
  const headers = {
    ...error.headers,
    ...(retryAfter === null ? {} : { 'retry-after': String(retryAfter) }),
  };
  if (error.rawBody !== undefined) {
    return { status: error.status ?? 500, headers: { 'content-type': 'text/html', ...headers }, body: error.rawBody };
  }
  const type = error.type ?? typeOfStatus(error.status ?? 500);
  const extra = error.errorCode === undefined ? { headers } : { headers, errorCode: error.errorCode };
  throw new ApiError(
    type,
    error.message ?? (type === 'overloaded_error' ? 'Overloaded' : 'Scripted failure'),
    error.status === undefined ? extra : { ...extra, status: error.status },
  );
}
