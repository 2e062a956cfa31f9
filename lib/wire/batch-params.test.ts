import fc from 'fast-check';
import { expect, test } from 'vitest';
import { batchParams, createBatchBody, fingerprint } from './batch-params';
import { members } from './json-slices';

const cut = (text: string) => batchParams(Buffer.from(text)).toString();

const streamKey = fc.constantFrom('"stream"', '"str\\u0065am"', '"\\u0073tream"', '"\\u0073\\u0074\\u0072eam"');
const otherKey = fc.oneof(
  fc.constantFrom('"model"', '"streams"', '"Stream"', '"str\\\\u0065am"', '"n\\u0061me"', '""'),
  fc.string({ unit: 'binary' }).map((name) => JSON.stringify(`x${name}`)),
);
const value = fc.oneof(
  fc.json(),
  fc.constantFrom(
    '1.0',
    '12345678901234567890',
    '-0',
    '1E+2',
    '"\\u00e9\\/"',
    '{"stream":true}',
    '[ {"stream" : 1 } ]',
  ),
);
const property = fc.tuple(
  fc.oneof(
    streamKey.map((key) => ({ key, isStream: true })),
    otherKey.map((key) => ({ key, isStream: false })),
  ),
  value,
);
const blank = fc.string({ unit: fc.constantFrom(' ', '\n', '\t', '\r'), maxLength: 2 });

test('without blanks, the rest is exactly the rest', () => {
  fc.assert(
    fc.property(fc.array(property, { maxLength: 8 }), (properties) => {
      const write = (kept: typeof properties) => `{${kept.map(([{ key }, raw]) => `${key}:${raw}`).join(',')}}`;
      const rest = write(properties.filter(([{ isStream }]) => !isStream));
      expect(cut(write(properties))).toBe(rest);
      expect(fingerprint(Buffer.from(write(properties)))).toBe(fingerprint(Buffer.from(rest)));
    }),
    { numRuns: 300 },
  );
});

test('with blanks, each kept property keeps its bytes', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(property, blank, blank), { maxLength: 8 }), blank, (properties, edge) => {
      const written = properties.map(([[{ key }, raw], a, b]) => ({ inner: `${key}${a}:${b}${raw}`, a, b }));
      const text = Buffer.from(`${edge}{${written.map(({ inner, a, b }) => b + inner + a).join(',')}${edge}}`);
      const rest = batchParams(text);
      expect([...members(rest)].map(({ keyStart, end }) => rest.toString('utf8', keyStart, end))).toEqual(
        written.filter((_, index) => !properties[index]?.[0][0].isStream).map(({ inner }) => inner),
      );
    }),
    { numRuns: 300 },
  );
});

test.each([
  ['{"a": 1, "stream": true}', '{"a": 1}'],
  ['{"stream": true, "a": 1}', '{"a": 1}'],
  ['{"a": 1, "stream": true, "b": 2}', '{"a": 1, "b": 2}'],
  ['{\n  "a": 1,\n  "stream": false\n}\n', '{\n  "a": 1\n}\n'],
  ['{"stream":1,"stream":2}', '{}'],
  ['{}', '{}'],
])('%j becomes %j', (before, after) => expect(cut(before)).toBe(after));

test('a body without `stream` is the same memory', () => {
  const body = Buffer.from('{"model":"m"}');
  expect(batchParams(body)).toBe(body);
});

test('no JSON object in UTF-8: refused, yet it has a fingerprint', () => {
  const bodies = ['', 'null', '[]', '"stream"', '{"a":1', '{"a":01}', '\ufeff{}'].map((text) => Buffer.from(text));
  for (const body of [...bodies, Buffer.from('{"a":"\xff"}', 'latin1')]) {
    expect(() => batchParams(body)).toThrow();
    expect(fingerprint(body)).toMatch(/^[0-9a-f]{64}$/);
  }
});

test('fingerprint is the SHA-256 of the body without `stream`', () => {
  // printf '{"a":1}' | sha256sum
  const hash = '015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862';
  expect(fingerprint(Buffer.from('{"a":1,"stream":true}'))).toBe(hash);
});

test('a batch is its items, in order and in their bytes', () => {
  const items = ['{"n":1.0}', '{ "stream_options" : null }'].map((params, index) => ({
    customId: `i-${index}`,
    params: Buffer.from(params),
  }));
  const body = createBatchBody(items);
  expect(Buffer.concat(body).toString()).toBe(
    '{"requests":[{"custom_id":"i-0","params":{"n":1.0}},{"custom_id":"i-1","params":{ "stream_options" : null }}]}',
  );
  expect(body).toContain(items[0]?.params);
  expect(Buffer.concat(createBatchBody([])).toString()).toBe('{"requests":[]}');
});
