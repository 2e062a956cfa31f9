import { expect, test } from 'vitest';
import { isApiError } from '@/lib/core/errors';
import { readOffpeakHeaders } from './offpeak-headers';

test('reads what is there, in any case', () => {
  const read = readOffpeakHeaders([
    ['X-Offpeak-Tolerance', '10m'],
    ['x-offpeak-tags', 'team=search'],
    ['x-offpeak-lane', 'sync'],
    ['x-offpeak-retries', '15'],
    ['x-offpeak-store', 'off'],
    ['Idempotency-Key', 'abc'],
  ]);
  expect(read).toMatchObject({
    toleranceMs: 600_000,
    optedOut: true,
    retries: 15,
    store: false,
    idempotencyKey: 'abc',
  });
  expect({ ...read.tags }).toEqual({ team: 'search' });
});

test.each([
  ['x-offpeak-tolerance', 'soon'],
  ['x-offpeak-tolerance', ''],
  ['x-offpeak-tags', 'broken'],
  ['x-offpeak-lane', 'batch'],
  ['x-offpeak-retries', '16'],
  ['x-offpeak-retries', '1.0'],
  ['x-offpeak-store', 'on'],
  ['idempotency-key', 'x'.repeat(256)],
])('%s: %j is refused by name', (name, value) => {
  expect(() => readOffpeakHeaders([[name, value]])).toThrow(
    expect.toSatisfy((error) => isApiError(error) && error.status === 400 && error.message.startsWith(name)),
  );
});

test('a repeated one is refused, even with the same value', () => {
  const twice = ['X-Offpeak-Lane', 'x-offpeak-lane'].map((name) => [name, 'sync'] as const);
  expect(() => readOffpeakHeaders(twice)).toThrow(/twice/);
});
