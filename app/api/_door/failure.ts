import { ApiError, isApiError } from '@/lib/core/errors';
import type { Logger } from '@/lib/log';
import { isDatabaseAway, isDatabaseSlow, withoutStatement } from './database-failure';

/** What the caller is told of a failure: nothing that a stranger could use. The rest is logged. */
export function toFailure(error: unknown, log: Logger, door: string): ApiError {
  if (isApiError(error)) return error;
  if (isDatabaseAway(error)) {
    log.warn({ door, err: withoutStatement(error) }, 'admin call without a database');
    return unavailable('The database is not available', 2);
  }
  if (isDatabaseSlow(error)) {
    log.warn({ door, err: withoutStatement(error) }, 'admin call took too long in the database');
    return unavailable('The database took too long; choose a shorter range, or try again', 5);
  }
  log.error({ door, err: withoutStatement(error) }, 'admin call failed');
  return new ApiError('api_error', 'Internal error in Offpeak');
}

/** 503 with `retry-after`: waiting helps. */
export function unavailable(message: string, retryAfterSeconds: number): ApiError {
  return new ApiError('overloaded_error', message, {
    status: 503,
    headers: { 'retry-after': String(retryAfterSeconds) },
  });
}

export function failureAnswer(error: ApiError): Response {
  const body = {
    type: 'error',
    error: { type: error.type, message: error.message },
    ...(error.errors && { errors: error.errors }),
  };
  return Response.json(body, { status: error.status, headers: { ...error.headers, 'cache-control': 'no-store' } });
}
