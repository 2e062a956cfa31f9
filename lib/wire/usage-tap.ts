import { createParser, type EventSourceParser } from 'eventsource-parser';

/** What an answer told about itself while it passed by. */
export interface Observed {
  messageId: string | null;
  model: string | null;
  /** Upstream's usage object; in a stream, `message_start`'s with every field that `message_delta` replaced. */
  usage: Record<string, unknown> | null;
  errorType: string | null;
  /** The answer was read to its end: a whole JSON body, or `message_stop`. */
  complete: boolean;
  /** A stream was cut before its final usage: output tokens are an estimate. */
  estimated: boolean;
}

/** Reads an answer on the side. It is shown the bytes and never changes, delays or keeps them back. */
export interface Tap {
  push(chunk: Uint8Array): void;
  /** No more bytes; `clean`: upstream ended the answer itself. */
  finish(clean: boolean): void;
  readonly observed: Observed;
}

const CHARS_PER_TOKEN = 4;
/** A JSON body above this is relayed but not read; the Messages API's answers stay far below. */
const MOST_JSON_BYTES = 64 * 1024 * 1024;
/** One SSE line above this is relayed but not read. */
const MOST_LINE_CHARS = 16 * 1024 * 1024;

export function createTap(contentType: string | null): Tap {
  return contentType?.toLowerCase().startsWith('text/event-stream') ? new StreamTap() : new JsonTap();
}

function nothing(): Observed {
  return { messageId: null, model: null, usage: null, errorType: null, complete: false, estimated: false };
}

class JsonTap implements Tap {
  readonly observed = nothing();
  #chunks: Uint8Array[] = [];
  #bytes = 0;

  push(chunk: Uint8Array): void {
    this.#bytes += chunk.length;
    if (this.#bytes <= MOST_JSON_BYTES) this.#chunks.push(chunk);
    else this.#chunks = [];
  }

  finish(clean: boolean): void {
    if (!clean || this.#bytes > MOST_JSON_BYTES) return;
    const body = parseObject(Buffer.concat(this.#chunks).toString('utf8'));
    this.#chunks = [];
    if (!body) return;
    this.observed.complete = true;
    this.observed.messageId = asString(body.id);
    this.observed.model = asString(body.model);
    this.observed.usage = asObject(body.usage);
    if (body.type === 'error') this.observed.errorType = asString(asObject(body.error)?.type);
  }
}

class StreamTap implements Tap {
  readonly observed = nothing();
  readonly #decoder = new TextDecoder();
  readonly #parser: EventSourceParser;
  #outputChars = 0;
  #hasFinalUsage = false;

  constructor() {
    this.#parser = createParser({
      onEvent: ({ data }) => this.#event(data),
      onError: () => undefined,
      maxBufferSize: MOST_LINE_CHARS,
    });
  }

  push(chunk: Uint8Array): void {
    try {
      this.#parser.feed(this.#decoder.decode(chunk, { stream: true }));
    } catch {
      // A malformed stream is upstream's and the caller's affair; the relay goes on, the usage read so far stays.
      this.#parser.reset();
    }
  }

  finish(): void {
    const { usage } = this.observed;
    if (!usage || this.#hasFinalUsage) return;
    this.observed.estimated = true;
    const told = typeof usage.output_tokens === 'number' ? usage.output_tokens : 0;
    usage.output_tokens = Math.max(told, Math.ceil(this.#outputChars / CHARS_PER_TOKEN));
  }

  #event(data: string): void {
    const event = parseObject(data);
    switch (event?.type) {
      case 'message_start': {
        const message = asObject(event.message);
        this.observed.messageId = asString(message?.id);
        this.observed.model = asString(message?.model);
        this.observed.usage = asObject(message?.usage);
        return;
      }
      case 'content_block_delta': {
        const delta = asObject(event.delta);
        const text = delta?.text ?? delta?.thinking ?? delta?.partial_json;
        if (typeof text === 'string') this.#outputChars += text.length;
        return;
      }
      case 'message_delta':
        // Cumulative, and only what it names is newer: the cache split and the tier stay those of message_start.
        this.#merge(asObject(event.usage));
        return;
      case 'message_stop':
        this.observed.complete = true;
        return;
      case 'error':
        this.observed.errorType = asString(asObject(event.error)?.type) ?? 'api_error';
        return;
      default:
    }
  }

  #merge(usage: Record<string, unknown> | null): void {
    if (!usage) return;
    this.#hasFinalUsage = true;
    this.observed.usage ??= {};
    for (const [name, value] of Object.entries(usage)) if (value !== null) this.observed.usage[name] = value;
  }
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return null;
  }
}

function asObject(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null;
}

function asString(value: unknown): string | null {
  return typeof value === 'string' ? value.slice(0, 200) : null;
}
