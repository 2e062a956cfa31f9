import { expect, test } from 'vitest';
import { DAY_MS } from '@/lib/core/duration';
import { uuidTime } from '@/lib/core/ids';
import { PriceBook } from '@/lib/core/pricing';
import { traffic } from './traffic';

const TO = Date.UTC(2026, 10, 22);
const options = { requests: 5_000, from: TO - 3 * DAY_MS, to: TO, seed: 4, book: new PriceBook([]), keys: new Map() };
const all = (over = {}) => {
  const parts = [...traffic({ ...options, ...over }, 700)];
  return { requests: parts.flatMap(({ requests }) => requests), batches: parts.flatMap(({ batches }) => batches) };
};

test('as many as asked, in order of arrival, inside the range, labelled simulated', () => {
  const { requests } = all();
  expect(requests).toHaveLength(5_000);
  const times = requests.map(({ opened }) => opened.arrivedAt);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(Math.min(...times)).toBeGreaterThanOrEqual(options.from);
  expect(Math.max(...times)).toBeLessThan(TO);
  for (const { opened, closed } of requests) {
    expect([opened.upstream, opened.simulated, uuidTime(opened.id)]).toEqual(['simulator', true, opened.arrivedAt]);
    expect(closed.id).toBe(opened.id);
  }
  expect(new Set(requests.map(({ opened }) => opened.id)).size).toBe(5_000);
});

test('who states a tolerance has a deadline; `interactive` is none', () => {
  const { requests } = all();
  const kinds = requests.map(({ opened: { toleranceMs, deadlineAt } }) => [Boolean(toleranceMs), deadlineAt !== null]);
  expect(new Set(kinds.map(String))).toEqual(new Set(['true,true', 'false,false']));
  expect(requests.some(({ opened }) => opened.toleranceMs === 0)).toBe(true);
});

test('the same seed makes the same traffic, another one makes other traffic', () => {
  expect(all()).toEqual(all());
  expect(all({ seed: 5 }).requests[0]?.opened.id).not.toBe(all().requests[0]?.opened.id);
});

test('a plausible fleet: both lanes, failures, waste, cached prompts, and batches that their calls point to', () => {
  const { requests, batches } = all();
  const share = (fits: (one: (typeof requests)[number]) => boolean) => requests.filter(fits).length / requests.length;
  expect(share(({ opened }) => opened.lane === 'batch')).toBeGreaterThan(0.2);
  expect(share(({ opened }) => opened.lane === 'sync')).toBeGreaterThan(0.4);
  expect(share(({ closed }) => closed.state === 'failed')).toBeGreaterThan(0.005);
  expect(share(({ closed }) => closed.attempts.some(({ delivered }) => !delivered))).toBeGreaterThan(0.002);
  const known = new Map(batches.map((batch) => [batch.msgbatchId, batch.items]));
  const used = new Set(requests.flatMap(({ closed }) => closed.batchId ?? []));
  for (const batchId of used) expect(known.get(batchId)).toBeGreaterThan(0);
  const endings = batches.map(({ closedAt }) => closedAt);
  expect(Math.max(...endings)).toBeLessThan(TO);
  const latest = requests.flatMap(({ closed }) => closed.attempts.filter(({ lane }) => lane === 'batch'));
  expect(Math.max(...latest.map(({ endedAt }) => endedAt))).toBeLessThan(TO);
  expect(endings.length).toBeGreaterThan(used.size - 1);
});
