import type { IncomingMessage } from 'node:http';
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import { ApiError } from './api-error';

const DECODERS = { gzip: gunzipSync, 'x-gzip': gunzipSync, br: brotliDecompressSync, deflate: inflateSync } as const;

/**
 * Reads a request body as it came.
 *
 * @returns `null` when the caller left in the middle
 * @throws ApiError 413 over `limit` bytes, as soon as that is known
 */
export function readBody(request: IncomingMessage, limit: number): Promise<Buffer | null> {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > limit) return Promise.reject(tooLarge(limit));
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let length = 0;
    request.on('data', (part: Buffer) => {
      length += part.length;
      if (length > limit) {
        parts.length = 0;
        request.pause();
        reject(tooLarge(limit));
        return;
      }
      parts.push(part);
    });
    // Copied even when it is one part: that is a view of the socket's 64 KB buffer, which would live on with it.
    request.on('end', () => resolve(Buffer.concat(parts)));
    request.on('error', () => resolve(null));
    request.on('close', () => resolve(null));
  });
}

function tooLarge(limit: number): ApiError {
  return new ApiError('request_too_large', `Request exceeds the maximum size of ${limit / 1024 / 1024} MB`);
}

/** Undoes `content-encoding`. @throws ApiError 400 or 413 with the documented error codes */
export function decodeBody(body: Buffer, encoding: string | undefined, limit: number): Buffer {
  if (encoding === undefined || encoding === '' || encoding === 'identity') return body;
  if (!Object.hasOwn(DECODERS, encoding)) {
    throw new ApiError('invalid_request_error', `content-encoding: ${encoding} is not supported`, {
      errorCode: 'request_body_encoding_unsupported',
    });
  }
  try {
    return DECODERS[encoding as keyof typeof DECODERS](body, { maxOutputLength: limit });
  } catch (cause) {
    const tooLong = (cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw tooLong
      ? new ApiError('request_too_large', 'Request body is too large after decoding', {
          errorCode: 'request_body_too_large_after_decoding',
        })
      : new ApiError('invalid_request_error', `content-encoding: body is not valid ${encoding}`, {
          errorCode: 'request_body_encoding_invalid',
        });
  }
}
