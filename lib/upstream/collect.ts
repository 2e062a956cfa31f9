import { ApiError } from '@/lib/core/errors';
import type { Upstream, UpstreamCall, UpstreamFailure } from './upstream';

export interface CollectedAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

const MOST_BYTES = 64 * 1024 * 1024;

/**
 * One whole answer in memory, for the small JSON ones that must be read before they are handed on.
 * @param onGone is given what ends the call when nobody waits for it any more.
 */
export function collect(
  upstream: Upstream,
  call: UpstreamCall,
  onGone: (abort: () => void) => void,
): Promise<CollectedAnswer> {
  return new Promise((resolve, reject) => {
    const answer: CollectedAnswer = { status: 0, headers: {}, body: Buffer.alloc(0) };
    const chunks: Buffer[] = [];
    let bytes = 0;
    const running = upstream.call(call, {
      onHeaders(status, headers) {
        answer.status = status;
        answer.headers = headers;
      },
      onData(chunk) {
        bytes += chunk.length;
        if (bytes > MOST_BYTES) running.abort();
        else chunks.push(chunk);
        return true;
      },
      onEnd() {
        resolve({ ...answer, body: Buffer.concat(chunks) });
      },
      onError(failure) {
        reject(upstreamError(failure));
      },
    });
    onGone(() => running.abort());
  });
}

/** What a caller is told when upstream gave no answer at all. */
export function upstreamError({ kind, cause }: UpstreamFailure): ApiError {
  switch (kind) {
    case 'unreachable':
      return new ApiError('api_error', 'Offpeak could not reach the upstream API', { status: 502, cause });
    case 'silent':
      return new ApiError('timeout_error', 'The upstream API sent nothing for too long', { cause });
    default:
      return new ApiError('api_error', 'The connection to the upstream API broke', { status: 502, cause });
  }
}
