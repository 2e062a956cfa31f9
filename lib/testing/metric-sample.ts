import type { Uuid } from '@/lib/core/ids';
import type { ClosedRecord, OpenedRecord } from '@/lib/core/request-record';
import { Ingest } from '@/lib/store/ingest';
import { createKey } from '@/lib/store/keys';
import type { LoggedRequest } from '@/lib/store/log-row';
import { PLAIN_KEY } from './plain-key';
import { attemptRecord, closedRecord, openedRecord } from './records';
import type { TestDatabase } from './test-database';

export const upstream = { origin: 'https://api.test', simulated: false };
export const day = (text: string) => new Date(`2026-11-${text}Z`);
/** The day that the sample lies in; some of its rows lie just outside. */
export const range = { from: day('21T00:00:00'), to: day('22T00:00:00') };
export const scope = { upstream, range };

/** One finished request. */
export function made(
  arrivedAt: Date,
  opened: Partial<OpenedRecord> = {},
  closed: Partial<ClosedRecord> = {},
): LoggedRequest {
  const record = openedRecord({ arrivedAt: arrivedAt.getTime(), ...opened });
  return { opened: record, closed: closedRecord(record, closed) };
}

/** Attempts of these costs in picodollars, the last one delivered; `null` has no price. */
export function cost(...pico: (string | null)[]): Partial<ClosedRecord> {
  return {
    attempts: pico.map((costPico, i) => attemptRecord({ key: `a${i}`, costPico, delivered: i === pico.length - 1 })),
  };
}

/** A day of requests whose sums and percentiles can be worked out by hand. */
export async function writeMetricSample(database: TestDatabase): Promise<void> {
  const key = await createKey(database.pools.admin, {
    name: '__proto__',
    secretHmac: 'hmac',
    prefix: 'opk_abcd',
    last4: 'wxyz',
    ...PLAIN_KEY,
  });
  if (key === 'name_taken') throw new Error('unexpected');
  const keyId = key.id as Uuid;
  const nothing = { attempts: [], latencyMs: 5 };
  await new Ingest(database.pools.hot).write([
    // a: 20 successes of 10…200 ms, 1 USD each, in hour 10.
    ...Array.from({ length: 20 }, (_, i) =>
      made(
        day(`21T10:${String(i * 3).padStart(2, '0')}:00`),
        { model: 'a', keyId, tags: { team: 'x' } },
        {
          ...cost('1000000000000'),
          latencyMs: (i + 1) * 10,
          ttfbMs: null,
        },
      ),
    ),
    // a: not among the successes; one with a wasted attempt of 2 USD.
    made(day('21T10:00:00'), { model: 'a' }, { ...nothing, state: 'failed' }),
    made(day('21T12:00:00'), { model: 'a' }, { ...nothing, state: 'aborted' }),
    made(
      day('21T12:30:00'),
      { model: 'a' },
      { ...cost('2000000000000', '500000000000'), state: 'interrupted', latencyMs: null },
    ),
    // b: four streams: too few for any percentile.
    ...[10, 20, 20, 40].map((ms) =>
      made(
        day('21T12:00:00'),
        { model: 'b', stream: true, lane: 'batch' },
        { ...cost('3'), latencyMs: ms * 100, ttfbMs: ms },
      ),
    ),
    ...[30, 10].map((ms) =>
      made(day('21T13:00:00'), { model: 'b', stream: true }, { ...cost('0'), latencyMs: ms, ttfbMs: ms }),
    ),
    // Without a price, without a model, outside.
    made(day('21T13:00:00'), { model: 'c' }, { ...cost('7', null), latencyMs: 1 }),
    made(day('21T13:00:00'), { model: null }, { ...nothing, state: 'refused' }),
    made(day('21T13:00:00'), { model: 'a', endpoint: 'count_tokens' }, cost('9')),
    made(day('21T13:00:00'), { model: 'a', upstream: 'http://simulator', simulated: true }, cost('9')),
    made(day('22T00:00:00'), { model: 'a' }, cost('9')),
    made(new Date(day('21T00:00:00').getTime() - 1), { model: 'a' }, cost('9')),
  ]);
}
