import type { z } from 'zod';
import { ApiError } from '@/lib/core/errors';
import { plainFault } from '@/lib/core/plain-fault';
import { faults, sentence } from './read-query';

const MB = 1024 * 1024;

/**
 * Reads a JSON body, by default of at most 1 MB, and checks it. None at all is as good as `{}` where that says enough.
 * @throws ApiError 413, 415, 400 when it is no JSON, 422 with the path of each fault when the schema refuses it.
 */
export async function readJsonBody<B extends z.ZodType>(schema: B, request: Request, mostMb = 1): Promise<z.output<B>> {
  const text = await readText(request, mostMb);
  if (text === '') {
    const empty = schema.safeParse({});
    if (empty.success) return empty.data;
  }
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') {
    throw new ApiError('invalid_request_error', 'content-type must be application/json', { status: 415 });
  }
  const parsed = schema.safeParse(parse(text), { error: plainFault });
  if (parsed.success) return parsed.data;
  const errors = faults(parsed.error);
  throw new ApiError('invalid_request_error', sentence(errors), { status: 422, errors });
}

async function readText(request: Request, mostMb: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (request.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > mostMb * MB) throw new ApiError('request_too_large', `The body exceeds ${mostMb} MB`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parse(text: string): unknown {
  try {
    // Postgres cannot store NUL, and no field of ours has a use for it.
    return JSON.parse(text, (name, value: unknown) => {
      if (name.includes('\0') || (typeof value === 'string' && value.includes('\0'))) throw new Error('NUL');
      return value;
    });
  } catch {
    throw new ApiError('invalid_request_error', 'The body must be JSON without NUL characters');
  }
}
