import fc from 'fast-check';
import { expect, test } from 'vitest';
import { elements, members } from './json-slices';

const outcome = <T>(read: () => T): T | 'refused' => {
  try {
    return read();
  } catch {
    return 'refused';
  }
};
const json = fc.oneof(
  fc.json(),
  fc.jsonValue({ stringUnit: 'binary' }).map((value) => JSON.stringify(value, null, '\t')),
);
const noise = fc.constantFrom(...'{}[]",:\\/u0e+-.1tfn \t\r\n\u0001\u007f\ufeffé');
const damaged = fc
  .tuple(json, fc.array(fc.tuple(fc.nat(), fc.nat({ max: 2 }), fc.string({ unit: noise, maxLength: 3 }))))
  .map(([text, edits]) =>
    edits.reduce((now, [at, drop, insert]) => {
      const place = at % (now.length + 1);
      return now.slice(0, place) + insert + now.slice(place + drop);
    }, text),
  );

test('accepts what JSON.parse accepts, and finds the same values', () => {
  fc.assert(
    fc.property(fc.oneof(json, damaged), (written) => {
      // Half a surrogate pair has no UTF-8.
      const text = written.toWellFormed();
      const array = `[ ${text}\n]`;
      const found = outcome(() => [...elements(Buffer.from(array))].map((part) => JSON.parse(part.toString())));
      expect(found).toEqual(outcome(() => JSON.parse(array)));

      const object = `{"a" : ${text} }`;
      const fields = outcome(() =>
        [...members(Buffer.from(object))].map(({ name, start, end }) => [
          name,
          JSON.parse(Buffer.from(object).toString('utf8', start, end)),
        ]),
      );
      const expected = outcome(() => JSON.parse(object));
      if (expected === 'refused') expect(fields).toBe('refused');
      else expect(Object.fromEntries(fields as [string, unknown][])).toEqual(expected);
    }),
    { numRuns: 600 },
  );
});

test('names are unescaped, repeated ones kept, values as written', () => {
  const text = Buffer.from(' {"str\\u0065am":1.0,"é" : [1, {"stream":2}],"stream":"\\u00e9" } ');
  expect([...members(text)].map(({ name, start, end }) => [name, text.toString('utf8', start, end)])).toEqual([
    ['stream', '1.0'],
    ['é', '[1, {"stream":2}]'],
    ['stream', '"\\u00e9"'],
  ]);
});

test('no object or array at the top is refused, and so is anything after it', () => {
  for (const text of ['', ' ', '1', '[]', '{} {}', '{', '{"a"', '{"a":1,}', '\ufeff{}']) {
    expect(() => [...members(Buffer.from(text))], text).toThrow();
  }
  for (const text of ['', '{}', '[] []', '[', '[1', '[1,]']) {
    expect(() => [...elements(Buffer.from(text))], text).toThrow();
  }
});

test('depth needs no recursion, and has an end', () => {
  const nested = (depth: number) => Buffer.from(`[${'['.repeat(depth)}${']'.repeat(depth)}]`);
  expect([...elements(nested(50_000))]).toHaveLength(1);
  expect(() => [...elements(nested(200_000))]).toThrow(/deep/);
});
