import { expect, test } from 'vitest';
import { isSpendCap } from './is-spend-cap';

const error = (error_code?: unknown) =>
  JSON.stringify({
    type: 'error',
    error: { type: 'rate_limit_error', message: 'no', ...(error_code !== undefined && { details: { error_code } }) },
  });

test.each(['enforced_spend_limit_reached', 'contract_spend_limit_reached'])('%s lasts', (code) => {
  expect(isSpendCap(Buffer.from(error(code)))).toBe(true);
});

test.each([
  error(),
  error('ramp_limit_exceeded'),
  error(['x']),
  '',
  'null',
  '{"error":7}',
  '<html>Too many requests</html>',
])('%s passes', (body) => {
  expect(isSpendCap(Buffer.from(body))).toBe(false);
});
