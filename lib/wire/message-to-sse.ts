import { elements } from './json-slices';
import { isArray, isObject, oneLine, type RawFields, readFields, rewrite } from './raw-fields';
import { splitBlock } from './split-block';

/** Keeps a held stream alive; SDKs pass over it. */
export const PING: Buffer = Buffer.from(event('ping', '{"type":"ping"}'));

/** What ends a stream whose status was sent already. @param envelope JSON of the Messages API's error body. */
export function errorEvent(envelope: Buffer): Buffer {
  return Buffer.from(event('error', oneLine(envelope)));
}

/**
 * A finished Message as the events of a Messages stream, in buffers of about 16 KB. Values go out in the bytes that
 * they came in, a tool's input above all: JSON.parse would change its numbers.
 * Source: the API's streaming page; which event brings what, from the accumulators of the official SDKs.
 * @param message JSON of a Message, as a batch result or an answer without streaming holds it.
 * @throws Error when it is no JSON object with a `content` array.
 */
export function messageToSse(message: Buffer): Buffer[] {
  const fields = readFields(message);
  const content = fields.get('content');
  if (!isArray(content)) throw new Error('Not a Message: it has no content');
  const events = new EventBuffers();
  // With the final usage: SDKs take tier, geography and cache split from here only.
  const opening = rewrite(message, { content: '[]', stop_reason: 'null', stop_sequence: 'null', stop_details: 'null' });
  events.add('message_start', `"message":${opening}`);
  let index = 0;
  for (const block of elements(content)) {
    const { start, deltas } = splitBlock(block);
    events.add('content_block_start', `"index":${index},"content_block":${start}`);
    for (const delta of deltas) events.add('content_block_delta', `"index":${index},"delta":${delta}`);
    events.add('content_block_stop', `"index":${index}`);
    index++;
  }
  events.add('message_delta', messageDelta(fields));
  events.add('message_stop');
  return events.end();
}

function messageDelta(fields: RawFields): string {
  const usage = fields.get('usage');
  return [
    `"delta":{${named(fields, ['stop_reason', 'stop_sequence', 'stop_details', 'container']).join(',')}}`,
    `"usage":${isObject(usage) ? rewrite(usage, ONLY_AT_START) : '{}'}`,
    ...named(fields, ['context_management', 'input_transformations']),
  ].join(',');
}

/** Fields of `usage` that the API sends in `message_start` alone. */
const ONLY_AT_START = { cache_creation: null, service_tier: null, inference_geo: null, speed: null };

function named(fields: RawFields, names: readonly string[]): string[] {
  return names.flatMap((name) => {
    const value = fields.get(name);
    return value === undefined ? [] : [`"${name}":${oneLine(value)}`];
  });
}

function event(name: string, data: string): string {
  return `event: ${name}\ndata: ${data}\n\n`;
}

const BUFFER_CHARS = 16_384;

class EventBuffers {
  readonly #buffers: Buffer[] = [];
  #pending = '';

  /** @param fields JSON of the event's properties besides its type. */
  add(type: string, fields = ''): void {
    this.#pending += event(type, `{"type":"${type}"${fields && `,${fields}`}}`);
    if (this.#pending.length >= BUFFER_CHARS) this.#flush();
  }

  end(): Buffer[] {
    if (this.#pending !== '') this.#flush();
    return this.#buffers;
  }

  #flush(): void {
    this.#buffers.push(Buffer.from(this.#pending));
    this.#pending = '';
  }
}
