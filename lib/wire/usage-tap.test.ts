import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createTap, type Observed } from './usage-tap';

const sse = (events: readonly object[], eol = '\n') =>
  events.map((e) => `event: ${(e as { type: string }).type}${eol}data: ${JSON.stringify(e)}${eol}${eol}`).join('');

const start = {
  type: 'message_start',
  message: {
    id: 'msg_1',
    model: 'claude-sonnet-5-5',
    usage: {
      input_tokens: 25,
      output_tokens: 1,
      cache_creation: { ephemeral_5m_input_tokens: 3 },
      service_tier: 'standard',
    },
  },
};
const delta = (text: string) => ({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } });
const end = [
  {
    type: 'message_delta',
    delta: { stop_reason: 'end_turn' },
    usage: { input_tokens: 25, output_tokens: 15, server_tool_use: null },
  },
  { type: 'message_stop' },
];
const whole = sse([start, { type: 'ping' }, delta('Grüße 🌍'), { type: 'tomorrows_event', usage: 7 }, ...end]);

function observe(contentType: string, chunks: readonly Uint8Array[], clean = true): Observed {
  const tap = createTap(contentType);
  for (const chunk of chunks) tap.push(chunk);
  tap.finish(clean);
  return tap.observed;
}

describe('a stream', () => {
  const expected = {
    messageId: 'msg_1',
    model: 'claude-sonnet-5-5',
    usage: { ...start.message.usage, output_tokens: 15 },
    errorType: null,
    complete: true,
    estimated: false,
  };

  test('is read the same however it is cut into chunks, mid-character and mid-line too', () => {
    for (const eol of ['\n', '\r\n']) {
      const bytes = Buffer.from(sse([start, { type: 'ping' }, delta('Grüße 🌍'), ...end], eol));
      fc.assert(
        fc.property(fc.array(fc.nat({ max: bytes.length }), { maxLength: 30 }), (cuts) => {
          const at = [0, ...cuts.sort((a, b) => a - b), bytes.length];
          const chunks = at.slice(1).map((to, i) => bytes.subarray(at[i], to));
          expect(observe('text/event-stream; charset=utf-8', chunks)).toEqual(expected);
        }),
      );
    }
  });

  test('unknown events and fields are passed over', () => {
    expect(observe('text/event-stream', [Buffer.from(whole)])).toEqual(expected);
  });

  test('cut before its last usage, it is estimated from what was sent', () => {
    const observed = observe('text/event-stream', [Buffer.from(sse([start, delta('x'.repeat(400))]))], false);
    expect(observed).toMatchObject({
      complete: false,
      estimated: true,
      usage: { input_tokens: 25, output_tokens: 100 },
    });
  });

  test('an error event is an error', () => {
    const error = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } };
    expect(observe('text/event-stream', [Buffer.from(sse([start, error]))])).toMatchObject({
      errorType: 'overloaded_error',
      complete: false,
    });
  });

  test('no bytes make it throw', () => {
    fc.assert(fc.property(fc.array(fc.uint8Array()), (chunks) => void observe('text/event-stream', chunks)));
    fc.assert(fc.property(fc.array(fc.uint8Array()), (chunks) => void observe('application/json', chunks)));
    fc.assert(
      fc.property(fc.array(fc.json()), (values) => {
        observe(
          'text/event-stream',
          values.map((value) => Buffer.from(`data: ${value}\n\n`)),
        );
      }),
    );
  });
});

describe('a JSON answer', () => {
  const message = { id: 'msg_2', type: 'message', model: 'm', usage: { input_tokens: 1, output_tokens: 2 } };
  const bytes = Buffer.from(JSON.stringify(message));

  test('gives its usage untouched', () => {
    expect(observe('application/json', [bytes.subarray(0, 9), bytes.subarray(9)])).toEqual({
      messageId: 'msg_2',
      model: 'm',
      usage: message.usage,
      errorType: null,
      complete: true,
      estimated: false,
    });
  });
  test('cut short gives nothing', () => {
    expect(observe('application/json', [bytes.subarray(0, 20)], false)).toMatchObject({ usage: null, complete: false });
  });
  test('an error envelope gives its type', () => {
    const error = Buffer.from('{"type":"error","error":{"type":"not_found_error","message":"model: x"}}');
    expect(observe('application/json', [error])).toMatchObject({ errorType: 'not_found_error', usage: null });
  });
});
