import type { IncomingHttpHeaders } from 'node:http';
import { PassThrough } from 'node:stream';
import type { Upstream } from '@/lib/upstream/upstream';
import { toUpstream } from '@/lib/wire/headers';

/** An answer whose body has begun to arrive. */
export interface Forwarded {
  status: number;
  headers: Record<string, string | string[]>;
  /** Throws where the answer breaks off. */
  chunks: AsyncIterable<Buffer>;
  whole(): Promise<Buffer>;
}

const NOT_FOR_CALLERS = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'content-length',
  'content-encoding',
]);

/** Sends a call on with the real key. @throws when the API cannot be reached. */
export function forward(
  upstream: Upstream,
  apiKey: string,
  call: { method: string; target: string; headers: IncomingHttpHeaders; body: Buffer | null },
): Promise<Forwarded> {
  const pairs = Object.entries(call.headers).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
  );
  const headers: [string, string][] = [...toUpstream(pairs), ['x-api-key', apiKey]];
  return new Promise((resolve, reject) => {
    const body = new PassThrough();
    const running = upstream.call(
      { method: call.method, target: call.target, headers, body: call.body },
      {
        onHeaders(status, told) {
          resolve({ status, headers: forCallers(told), chunks: body, whole: () => wholeOf(body) });
        },
        onData(chunk) {
          const goesOn = body.write(chunk);
          if (!goesOn) body.once('drain', () => running.resume());
          return goesOn;
        },
        onEnd: () => body.end(),
        onError({ cause }) {
          reject(cause);
          body.destroy(cause);
        },
      },
    );
    body.on('error', () => undefined);
  });
}

async function wholeOf(body: PassThrough): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function forCallers(told: Record<string, string | string[] | undefined>): Forwarded['headers'] {
  const kept = Object.entries(told).flatMap(([name, value]): [string, string | string[]][] =>
    value === undefined || NOT_FOR_CALLERS.has(name) ? [] : [[name, value]],
  );
  return Object.fromEntries(kept);
}
