import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileGlob } from './glob';

test.each([
  ['claude-*', 'claude-opus-4-5', true],
  ['claude-*', 'claude-', true],
  ['claude-*', 'my-claude-opus', false],
  ['*opus*', 'claude-opus-4-5', true],
  ['*-4-5', 'claude-opus-4-5', true],
  ['*-4-5', 'claude-opus-4-5-20251101', false],
  ['claude-?pus', 'claude-opus', true],
  ['claude-?pus', 'claude-pus', false],
  ['a*a', 'a', false],
  ['a**b', 'ab', true],
  ['', '', true],
  ['', 'a', false],
  ['*', '', true],
  ['?', '', false],
  ['a.c', 'abc', false],
  ['[ab]', '[ab]', true],
  ['Claude', 'claude', false],
])('%j and %j: %s', (pattern, text, fits) => expect(compileGlob(pattern)(text)).toBe(fits));

function naive(pattern: string, text: string): boolean {
  if (pattern === '') return text === '';
  const rest = pattern.slice(1);
  if (pattern.startsWith('*')) return naive(rest, text) || (text !== '' && naive(pattern, text.slice(1)));
  return text !== '' && (pattern.startsWith('?') || pattern[0] === text[0]) && naive(rest, text.slice(1));
}

test('agrees with the definition', () => {
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 8 });
  const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 10 });
  fc.assert(
    fc.property(pattern, text, (glob, candidate) => {
      expect(compileGlob(glob)(candidate)).toBe(naive(glob, candidate));
    }),
    { numRuns: 3_000 },
  );
});

test('many stars over a long text take no time to speak of', () => {
  const fits = compileGlob(`${'a*'.repeat(200)}b`);
  const text = 'a'.repeat(1_000_000);
  const startedAt = performance.now();
  expect(fits(text)).toBe(false);
  expect(compileGlob(`*${'?*'.repeat(200)}b`)(text)).toBe(false);
  expect(performance.now() - startedAt).toBeLessThan(1_000);
});
