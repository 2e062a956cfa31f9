import { expect, test } from 'vitest';
import { toClient, toUpstream } from './headers';

test('unknown headers go up in order and as written; credentials, hops and our own do not', () => {
  const up = toUpstream([
    ['Host', 'offpeak'],
    ['X-Future', '1'],
    ['anthropic-beta', 'a,b'],
    ['Anthropic-Version', '2026-10-21'],
    ['x-api-key', 'opk_secret'],
    ['Authorization', 'Bearer opk_secret'],
    ['X-Offpeak-Tolerance', '5m'],
    ['x-offpeak-invented', '1'],
    ['Idempotency-Key', 'k'],
    ['Connection', 'keep-alive, X-Hop'],
    ['X-Hop', 'private'],
    ['Content-Length', '12'],
    ['X-Forwarded-For', '1.2.3.4'],
    ['Cookie', 'offpeak_session=s'],
    ['Accept-Encoding', 'gzip'],
    ['X-Future', '2'],
  ]);
  expect(up).toEqual([
    ['X-Future', '1'],
    ['anthropic-beta', 'a,b'],
    ['Anthropic-Version', '2026-10-21'],
    ['X-Future', '2'],
    ['accept-encoding', 'identity'],
  ]);
});

test('upstream cannot set cookies, speak of its connection, or speak for Offpeak', () => {
  const down = toClient({
    'request-id': 'req_1',
    'set-cookie': ['a=b'],
    connection: 'close',
    'transfer-encoding': 'chunked',
    'x-offpeak-lane': 'batch',
    'anthropic-ratelimit-requests-remaining': '9',
    'x-many': ['1', '2'],
  });
  expect(down).toEqual([
    ['request-id', 'req_1'],
    ['anthropic-ratelimit-requests-remaining', '9'],
    ['x-many', '1'],
    ['x-many', '2'],
  ]);
});
