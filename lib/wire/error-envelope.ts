import { ApiError, isApiError } from '@/lib/core/errors';

/** The Messages API's error body. `request_id` equals the `request-id` header of the same answer. */
export function errorEnvelope(error: ApiError, requestId: string | null): Buffer {
  return Buffer.from(
    JSON.stringify({
      type: 'error',
      error: { type: error.type, message: error.message },
      ...(error.errors && { errors: error.errors }),
      request_id: requestId,
    }),
  );
}

/** An envelope of ours that was made for several callers, as one of them is answered. */
export function envelopeFor(envelope: Buffer, requestId: string): Buffer {
  return Buffer.from(JSON.stringify({ ...JSON.parse(envelope.toString('utf8')), request_id: requestId }));
}

/** What a caller is told of a failure: our own errors as they are, anything else without detail. */
export function toApiError(error: unknown): ApiError {
  return isApiError(error) ? error : new ApiError('api_error', 'Internal error in Offpeak', { cause: error });
}
