import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { ApiError } from '@/lib/core/errors';

const DECODERS = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  br: promisify(brotliDecompress),
  deflate: promisify(inflate),
};

/**
 * A compressed body, readable on the side; what goes upstream stays the original bytes. An encoding that is unknown
 * here, or bytes that do not decode, come back as they are: upstream gives the verdict.
 * @throws ApiError 413 when it decodes to more than `limitBytes`.
 */
export async function decodeBody(body: Buffer, encoding: string | null, limitBytes: number): Promise<Buffer> {
  const name = encoding?.trim().toLowerCase();
  if (!name || !(name in DECODERS)) return body;
  try {
    return await DECODERS[name as keyof typeof DECODERS](body, { maxOutputLength: limitBytes });
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE') {
      throw new ApiError('request_too_large', `The decompressed request body exceeds ${limitBytes} bytes`);
    }
    return body;
  }
}
