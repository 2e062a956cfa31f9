import { z } from 'zod';
import { readFields } from './raw-fields';

/** Why a line of results tells nothing: cut off, above the limit, no JSON object, or one that is no result. */
type Malformed = 'truncated' | 'too_long' | 'not_json' | 'not_a_result';

/** How a batch item ended (Message Batches API, results). Buffers hold upstream's bytes; `usage` is `null` when missing. */
export type BatchResult =
  | { type: 'succeeded'; message: Buffer; usage: unknown; messageId: string | null; model: string | null }
  /** `envelope` is the error body that a synchronous call would have got. */
  | { type: 'errored'; envelope: Buffer; errorType: string; requestId: string | null }
  | { type: 'canceled' }
  | { type: 'expired' };

export type ResultLine =
  | { kind: 'result'; customId: string; result: BatchResult }
  | { kind: 'malformed'; reason: Malformed };

const text = z.string().nullish().catch(null);

// Only what is read; unknown fields travel in the raw bytes. An error has two layers: the outer is the envelope.
const ResultJson = z.object({
  custom_id: z.string(),
  result: z.discriminatedUnion('type', [
    z.object({
      type: z.literal('succeeded'),
      message: z.object({ id: text, model: text, usage: z.unknown().optional(), content: z.array(z.unknown()) }),
    }),
    z.object({
      type: z.literal('errored'),
      error: z.object({ error: z.object({ type: text }).nullish().catch(null), request_id: text }),
    }),
    z.object({ type: z.literal('canceled') }),
    z.object({ type: z.literal('expired') }),
  ]),
});

/** Far above any Message. A longer line is passed over without being kept. */
const MOST_LINE_BYTES = 64 * 1024 * 1024;
const NEWLINE = 0x0a;

/** Reads a batch's results, JSON Lines in no particular order, as their bytes arrive. */
export class ResultLines {
  readonly #mostBytes: number;
  #pending: Buffer[] = [];
  /** Of the line under way, those not kept included. */
  #bytes = 0;

  constructor(mostLineBytes = MOST_LINE_BYTES) {
    this.#mostBytes = mostLineBytes;
  }

  /** The lines that end in this chunk. The results share its memory. */
  push(chunk: Buffer): ResultLine[] {
    const lines: ResultLine[] = [];
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
      this.#keep(chunk.subarray(from, at));
      lines.push(...this.#take());
      from = at + 1;
    }
    this.#keep(chunk.subarray(from));
    return lines;
  }

  /** No more bytes: a last line without its newline counts if it is whole. */
  end(): ResultLine[] {
    return this.#take().map((line) =>
      line.kind === 'malformed' && line.reason === 'not_json' ? { kind: 'malformed', reason: 'truncated' } : line,
    );
  }

  #keep(part: Buffer): void {
    this.#bytes += part.length;
    if (this.#bytes > this.#mostBytes) this.#pending = [];
    else if (part.length > 0) this.#pending.push(part);
  }

  #take(): ResultLine[] {
    const isTooLong = this.#bytes > this.#mostBytes;
    const [first = NOTHING, ...more] = this.#pending;
    this.#pending = [];
    this.#bytes = 0;
    if (isTooLong) return [{ kind: 'malformed', reason: 'too_long' }];
    const line = more.length === 0 ? first : Buffer.concat([first, ...more]);
    return isBlank(line) ? [] : [readLine(line)];
  }
}

function isBlank(line: Buffer): boolean {
  return line.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);
}

function readLine(line: Buffer): ResultLine {
  let json: unknown;
  let bytes: Buffer | undefined;
  try {
    json = JSON.parse(line.toString('utf8'));
    bytes = readFields(line).get('result');
  } catch {
    return { kind: 'malformed', reason: 'not_json' };
  }
  const parsed = ResultJson.safeParse(json);
  if (!parsed.success || bytes === undefined) return { kind: 'malformed', reason: 'not_a_result' };
  return { kind: 'result', customId: parsed.data.custom_id, result: withBytes(parsed.data.result, bytes) };
}

function withBytes(result: z.infer<typeof ResultJson>['result'], json: Buffer): BatchResult {
  switch (result.type) {
    case 'succeeded': {
      const { id, model, usage = null } = result.message;
      const message = readFields(json).get('message') ?? NOTHING;
      return { type: 'succeeded', message, usage, messageId: id ?? null, model: model ?? null };
    }
    case 'errored': {
      const { error, request_id } = result.error;
      const envelope = readFields(json).get('error') ?? NOTHING;
      return { type: 'errored', envelope, errorType: error?.type ?? 'api_error', requestId: request_id ?? null };
    }
    default:
      return { type: result.type };
  }
}
const NOTHING = Buffer.alloc(0);
