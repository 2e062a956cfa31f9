import type { Fault } from './fault-rule';
import type { ReplyChunk } from './reply';
import { wireEvent } from './stream-events';

const HUGE_LINE_BYTES = 10 * 1024 * 1024;

/** Applies the faults that change a body's pieces or stop it halfway. Events and lines are counted from 0. */
export function breakBody(chunks: readonly ReplyChunk[], faults: readonly Fault[]): readonly ReplyChunk[] {
  let broken = chunks;
  for (const fault of faults) broken = breakOnce(broken, fault);
  return broken;
}

function breakOnce(chunks: readonly ReplyChunk[], fault: Fault): readonly ReplyChunk[] {
  switch (fault.kind) {
    case 'truncate':
      return stopAfter(chunks, fault.after ?? Math.max(0, chunks.length - 2), 'end');
    case 'reset':
      return fault.when === 'mid_body'
        ? stopAfter(chunks, fault.after ?? Math.ceil(chunks.length / 2), 'reset')
        : chunks;
    case 'silence':
      return fault.when === 'mid_body'
        ? stopAfter(chunks, fault.after ?? Math.ceil(chunks.length / 2), 'silence')
        : chunks;
    case 'stream_error': {
      const error = { type: fault.type ?? 'overloaded_error', message: fault.message ?? 'Overloaded' };
      const kept = chunks.slice(0, fault.after ?? Math.ceil(chunks.length / 2));
      return [...kept, like(kept.at(-1), wireEvent('error', { type: 'error', error }), 'end')];
    }
    case 'unknown':
      if (fault.what !== 'event') return chunks;
      return insert(chunks, 2, wireEvent('constellation', { type: 'constellation', value: 1 }));
    case 'malformed_sse':
      return malform(chunks, fault.variant, fault.after ?? 3);
    default:
      return chunks;
  }
}

function stopAfter(chunks: readonly ReplyChunk[], count: number, then: 'end' | 'reset' | 'silence'): ReplyChunk[] {
  const [only] = chunks;
  // A body of one piece breaks in its middle.
  const kept =
    chunks.length === 1 && only !== undefined
      ? [{ ...only, bytes: Buffer.from(only.bytes).subarray(0, Math.ceil(Buffer.byteLength(only.bytes) / 2)) }]
      : chunks.slice(0, count);
  return [...kept, like(kept.at(-1), '', then)];
}

function like(chunk: ReplyChunk | undefined, bytes: string | Buffer, then?: 'end' | 'reset' | 'silence'): ReplyChunk {
  const { then: _then, ...rest } = chunk ?? { outputTokens: 0 };
  return then === undefined ? { ...rest, bytes } : { ...rest, bytes, then };
}

function insert(chunks: readonly ReplyChunk[], at: number, bytes: string | Buffer): ReplyChunk[] {
  return [...chunks.slice(0, at), like(chunks[at - 1], bytes), ...chunks.slice(at)];
}

function malform(
  chunks: readonly ReplyChunk[],
  variant: Extract<Fault, { kind: 'malformed_sse' }>['variant'],
  after: number,
): readonly ReplyChunk[] {
  switch (variant) {
    case 'bad_json':
      return insert(chunks, after, 'event: content_block_delta\ndata: {"type":"content_block_delta","index":\n\n');
    case 'comment':
      return insert(chunks, after, ': keep-alive\n\n');
    case 'huge_line':
      return insert(
        chunks,
        after,
        wireEvent('constellation', { type: 'constellation', pad: 'x'.repeat(HUGE_LINE_BYTES) }),
      );
    case 'invalid_utf8':
      return insert(
        chunks,
        after,
        Buffer.concat([
          Buffer.from(
            'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"',
          ),
          Buffer.from([0xff, 0xfe, 0xc3]),
          Buffer.from('"}}\n\n'),
        ]),
      );
    case 'no_event_line':
      return chunks.map((chunk) => ({ ...chunk, bytes: chunk.bytes.toString().replace(/^event: [^\n]*\n/gm, '') }));
    case 'crlf':
      return chunks.map((chunk) => ({ ...chunk, bytes: chunk.bytes.toString().replaceAll('\n', '\r\n') }));
  }
}
