import { describe, expect, test } from 'vitest';
import { alertsOf, type Conditions, endText, lateAfterMs, slackMessage } from './alert';

const QUIET: Conditions = {
  month: '2026-11',
  spentKeys: [],
  missedDeadlines: 0,
  openBatches: [],
  unpricedModels: [],
  oldestDueMs: null,
};
const unmeasured = () => null;

test('where nothing is wrong there is nothing to tell', () => {
  expect(alertsOf(QUIET, unmeasured)).toEqual([]);
  expect(alertsOf({ ...QUIET, oldestDueMs: 60_000 }, unmeasured)).toEqual([]);
});

test('each kind names what it is about, with its numbers', () => {
  const alerts = alertsOf(
    {
      ...QUIET,
      spentKeys: [{ name: 'ci', spentPico: 10_020_000_000_000n, budgetPico: 10_000_000_000_000n }],
      missedDeadlines: 1,
      openBatches: [{ id: 'msgbatch_1', model: 'claude-opus-5-5', ageMs: 3 * 3_600_000, items: 40 }],
      unpricedModels: [{ model: 'claude-next', requests: 1_200 }],
      oldestDueMs: 90_000,
    },
    unmeasured,
  );
  expect(alerts.map(({ kind, subject }) => [kind, subject])).toEqual([
    ['budget', 'ci 2026-11'],
    ['deadline_misses', ''],
    ['late_batch', 'msgbatch_1'],
    ['unpriced_model', 'claude-next'],
    ['lane_down', ''],
  ]);
  expect(alerts.map((alert) => alert.text)).toEqual([
    'The budget of key ci for 2026-11 is spent: 10.02 of 10 USD. Its calls are refused until the month is over.',
    '1 call had no answer by the deadline within the last 10 minutes.',
    'Batch msgbatch_1 of claude-opus-5-5 (40 calls) has been open for 3 hours; nothing is measured of this model yet.',
    'claude-next has no price: 1,200 calls of the last 60 minutes in no sum of money.',
    'The batch lane stands still: a call has been due for a batch for 2 minutes.',
  ]);
});

describe('a batch is late', () => {
  const open = (ageMs: number): Conditions => ({
    ...QUIET,
    openBatches: [{ id: 'b', model: 'm', ageMs, items: 1 }],
  });

  test.each([
    [null, 3_600_000],
    [60_000, 600_000],
    [1_200_000, 3_600_000],
  ])('with a p95 of %s ms after %i ms', (p95, after) => {
    expect(lateAfterMs(p95)).toBe(after);
    expect(alertsOf(open(after - 1), () => p95)).toHaveLength(0);
    expect(alertsOf(open(after), () => p95)).toHaveLength(1);
  });
});

test('what ends by itself is not announced', () => {
  expect(endText({ kind: 'lane_down', subject: '' })).toBe('The batch lane moves again.');
  expect(endText({ kind: 'late_batch', subject: 'msgbatch_1' })).toBe('Batch msgbatch_1 is not open any more.');
  expect(endText({ kind: 'deadline_misses', subject: '' })).toBeNull();
  expect(endText({ kind: 'budget', subject: 'ci 2026-11' })).toBeNull();
});

test('a name cannot mention a channel, open a link, or turn the text around', () => {
  const { text } = slackMessage('model <!channel> <https://evil|click> a&b \u202Egpj\n', 'http://127.0.0.1:3000');
  expect(text).toBe('Offpeak (http://127.0.0.1:3000): model &lt;!channel&gt; &lt;https://evil|click&gt; a&amp;b �gpj�');
});
