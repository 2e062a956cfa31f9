import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mergeTags, parseTags } from './tags';

test('reads names and values, blanks around them included', () => {
  expect({ ...(parseTags('team=search, job=nightly=2') as object) }).toEqual({ team: 'search', job: 'nightly=2' });
});

test('a tag may be called constructor or __proto__-like without effect', () => {
  const tags = parseTags('constructor=x');
  expect(Object.getPrototypeOf(tags)).toBeNull();
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

test.each([
  ['team', 'name=value'],
  ['=x', 'name=value'],
  ['Team=x', 'tag name'],
  ['team=', '1 to 80'],
  ['team=ü', 'printable'],
  ['a=1,a=2', 'twice'],
  [Array.from({ length: 11 }, (_, i) => `t${i}=x`).join(), 'at most 10'],
])('%j is refused: %s', (text, why) => expect(parseTags(text)).toContain(why));

test('what an operator fixed on a key wins', () => {
  expect({ ...mergeTags({ team: 'mine', job: 'j' }, { team: 'theirs' }) }).toEqual({ team: 'theirs', job: 'j' });
});

test('no input throws', () => {
  fc.assert(fc.property(fc.string(), (text) => void parseTags(text)));
});
