import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ResultLines } from './result-lines';

const message =
  '{ "id":"msg_1","model":"claude-haiku-4-5-20251001", "content":[{"type":"tool_use","input":{"n":1.0,"big":12345678901234567890,"ü":"🌍"}}],"usage":{"input_tokens":3,"output_tokens":5,"service_tier":"batch"}}';
const envelope =
  '{"type":"error","error":{"type":"invalid_request_error","message":"max_tokens: Field required"},"request_id":"req_1"}';
const lines = [
  `{"custom_id":"a","result":{"type":"succeeded","message":${message}}}`,
  `{"result":{"error":${envelope},"type":"errored"},"custom_id":"b"}`,
  '{"custom_id":"c","result":{"type":"canceled"},"tomorrow":1}',
  '{"custom_id":"d","result":{"type":"expired"}}',
];
const expected = [
  {
    kind: 'result',
    customId: 'a',
    result: {
      type: 'succeeded',
      message,
      usage: { input_tokens: 3, output_tokens: 5, service_tier: 'batch' },
      messageId: 'msg_1',
      model: 'claude-haiku-4-5-20251001',
    },
  },
  {
    kind: 'result',
    customId: 'b',
    result: { type: 'errored', envelope, errorType: 'invalid_request_error', requestId: 'req_1' },
  },
  { kind: 'result', customId: 'c', result: { type: 'canceled' } },
  { kind: 'result', customId: 'd', result: { type: 'expired' } },
];

function read(chunks: readonly Buffer[], mostLineBytes?: number) {
  const reader = new ResultLines(mostLineBytes);
  const found = [...chunks.flatMap((chunk) => reader.push(chunk)), ...reader.end()];
  // Bytes as text, to be compared.
  return found.map((line) =>
    line.kind === 'malformed'
      ? line
      : {
          ...line,
          result: Object.fromEntries(
            Object.entries(line.result).map(([name, value]) => [name, Buffer.isBuffer(value) ? `${value}` : value]),
          ),
        },
  );
}
const readText = (text: string) => read([Buffer.from(text)]);

describe('results', () => {
  test('are read the same however they are cut, with either line end, blank lines or none at the end', () => {
    for (const text of [`${lines.join('\n')}\n`, lines.join('\r\n'), `\n\n${lines.join('\n \r\n\n')}\n\n`]) {
      const bytes = Buffer.from(text);
      fc.assert(
        fc.property(fc.array(fc.nat({ max: bytes.length }), { maxLength: 30 }), (cuts) => {
          const at = [0, ...cuts.sort((a, b) => a - b), bytes.length];
          expect(read(at.slice(1).map((to, index) => bytes.subarray(at[index], to)))).toEqual(expected);
        }),
      );
      expect(read([...bytes].map((byte) => Buffer.of(byte)))).toEqual(expected);
    }
  });

  test('what is missing inside is null, and an error without a type is the API`s own', () => {
    const bare = '{"content":[]}';
    expect(readText(`{"custom_id":"a","result":{"type":"succeeded","message":${bare}}}`)).toEqual([
      {
        kind: 'result',
        customId: 'a',
        result: { type: 'succeeded', message: bare, usage: null, messageId: null, model: null },
      },
    ]);
    for (const error of ['{}', '{"type":"error","error":null,"request_id":null}', '{"error":"text","request_id":7}']) {
      expect(readText(`{"custom_id":"b","result":{"type":"errored","error":${error}}}`)).toEqual([
        {
          kind: 'result',
          customId: 'b',
          result: { type: 'errored', envelope: error, errorType: 'api_error', requestId: null },
        },
      ]);
    }
  });
});

describe('malformed', () => {
  const [good = ''] = lines.slice(2);

  test.each([
    ['{"custom_id":"a"', 'not_json'],
    ['oops', 'not_json'],
    ['7', 'not_json'],
    ['{}', 'not_a_result'],
    ['{"custom_id":1,"result":{"type":"expired"}}', 'not_a_result'],
    ['{"custom_id":"a","result":{"type":"tomorrow"}}', 'not_a_result'],
    ['{"custom_id":"a","result":{"type":"succeeded","message":null}}', 'not_a_result'],
    ['{"custom_id":"a","result":{"type":"succeeded","message":{"id":"m"}}}', 'not_a_result'],
    ['{"custom_id":"a","result":{"type":"errored"}}', 'not_a_result'],
  ])('%s is %s, and the next line is read', (line, reason) => {
    expect(readText(`${line}\n${good}\n`)).toEqual([{ kind: 'malformed', reason }, expected[2]]);
  });

  test('a stream that ends within a line is truncated', () => {
    fc.assert(
      fc.property(fc.nat({ max: good.length - 2 }), (drop) => {
        expect(readText(`${lines[3]}\n${good.slice(0, drop + 1)}`)).toEqual([
          expected[3],
          { kind: 'malformed', reason: 'truncated' },
        ]);
      }),
    );
  });

  test('a line above the limit is passed over, wherever it is cut', () => {
    const limit = good.length;
    const bytes = Buffer.from(`${good}\n${'x'.repeat(limit + 1)}\n${good}\n${' '.repeat(limit + 1)}`);
    const tooLong = { kind: 'malformed', reason: 'too_long' };
    for (const size of [1, 7, limit, bytes.length]) {
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
        bytes.subarray(i * size, (i + 1) * size),
      );
      expect(read(chunks, limit)).toEqual([expected[2], tooLong, expected[2], tooLong]);
    }
  });

  test('no bytes make it throw', () => {
    fc.assert(fc.property(fc.array(fc.uint8Array()), (chunks) => void read(chunks.map((c) => Buffer.from(c)))));
    fc.assert(fc.property(fc.array(fc.json()), (values) => void readText(values.join('\n'))));
  });
});
