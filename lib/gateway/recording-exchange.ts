import type { HeaderPairs } from '@/lib/wire/headers';
import type { Exchange, ResponseBody } from './exchange';

/** A whole answer as it went out. */
export interface RecordedAnswer {
  status: number;
  headers: [string, string][];
  body: Buffer;
}

const MOST_BYTES = 32 * 1024 * 1024;
const STREAM_END = 'event: message_stop';

/**
 * The same exchange, with its answer kept beside. `onAnswer` gets the whole one before the caller gets its last byte,
 * which waits for it; `onNothing` is told when there will be none: the caller left, the answer was cut or is too long.
 */
export function recordingExchange(
  inner: Exchange,
  events: { onAnswer(answer: RecordedAnswer): Promise<void>; onNothing(): void },
): Exchange {
  let isOver = false;
  const nothing = () => {
    if (isOver) return;
    isOver = true;
    events.onNothing();
  };
  inner.onGone(nothing);
  return {
    get method() {
      return inner.method;
    },
    get target() {
      return inner.target;
    },
    get headers() {
      return inner.headers;
    },
    get isGone() {
      return inner.isGone;
    },
    get responded() {
      return inner.responded;
    },
    onGone: (callback) => inner.onGone(callback),
    readBody: (limit) => inner.readBody(limit),
    releaseBody: () => inner.releaseBody?.(),
    processing: () => inner.processing?.(),
    respond: (status: number, headers: HeaderPairs) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      const length = Number(headers.find(([name]) => name.toLowerCase() === 'content-length')?.[1] ?? Number.NaN);
      // The last bytes wait until the answer is kept: they may be all that the caller waits for.
      const held: Uint8Array[] = [];
      const out = inner.respond(status, headers);
      const body: ResponseBody = {
        write(chunk) {
          bytes += chunk.length;
          if (bytes <= MOST_BYTES) chunks.push(Buffer.from(chunk));
          else nothing();
          if (held.length === 0 && bytes !== length && !Buffer.from(chunk).includes(STREAM_END))
            return out.write(chunk);
          held.push(chunk);
          return true;
        },
        onDrain: (callback) => out.onDrain(callback),
        end() {
          const finish = () => {
            for (const chunk of held) out.write(chunk);
            out.end();
          };
          if (isOver) return finish();
          isOver = true;
          const answer = {
            status,
            headers: headers.map(([n, v]): [string, string] => [n, v]),
            body: Buffer.concat(chunks),
          };
          events.onAnswer(answer).then(finish, finish);
        },
        destroy() {
          nothing();
          out.destroy();
        },
      };
      return body;
    },
  };
}
