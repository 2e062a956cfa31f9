// biome-ignore-all lint/suspicious/noThenProperty: the document's own word
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type Uuid, uuidV7 } from '@/lib/core/ids';
import { compilePolicy } from '@/lib/core/policy/compile';
import type { ActionDocument } from '@/lib/core/policy/document';
import type { LoggedCall } from '@/lib/core/policy/replay';
import type { PriceRow } from '@/lib/core/pricing';
import { Backtest } from './backtest';
import type { LoggedOutcome } from './logged-outcome';
import { TurnaroundByHour } from './turnaround-by-hour';

const NOON = Date.UTC(2026, 10, 22, 12);
const MINUTE = 60_000;
const PRICE: PriceRow = {
  id: 1,
  model: 'm',
  aliases: [],
  effectiveFrom: new Date(0),
  base: { input: 10n, output: 50n, cacheWrite5m: 12n, cacheWrite1h: 20n, cacheRead: 1n },
  longContext: null,
  batchPermille: 500,
  geoUsPermille: null,
  webSearch: 0n,
};

function call(over: Partial<LoggedCall> = {}): LoggedCall {
  return {
    id: uuidV7(NOON, randomBytes(10)) as Uuid,
    arrivedAt: NOON,
    sessionId: null,
    model: 'm',
    toleranceMs: 10 * MINUTE,
    key: 'k',
    tags: {},
    client: 'other',
    agent: 'none',
    stream: false,
    inputTokens: 100,
    maxTokens: 100,
    hasTools: false,
    hasThinking: false,
    facts: {
      optedOut: false,
      ineligible: null,
      laneDown: false,
      prefix: null,
      headers: {},
      estimateId: null,
      batchBacklog: 0,
      syncP95: null,
      spendToday: null,
      syncNeedMs: 3_000,
      expectedOutput: 100,
      patienceMs: null,
    },
    estimate: null,
    price: PRICE,
    ...over,
  };
}

const SYNC: LoggedOutcome = {
  lane: 'sync',
  rule: 'default',
  because: 'rule',
  servedBy: 'sync',
  state: 'succeeded',
  timedOut: false,
  cost: 1_000,
  syncCost: 1_000,
  waste: 0,
  unpriced: false,
  latencyMs: 2_000,
  deadlineMs: 10 * MINUTE,
  cacheReadTokens: 0,
  cachedForHour: false,
  webSearches: 0,
  batchDoneMs: null,
};
const BATCH: LoggedOutcome = {
  ...SYNC,
  lane: 'batch',
  servedBy: 'batch',
  cost: 500,
  latencyMs: 90_000,
  batchDoneMs: 88_000,
};
/** Answered by sync because its batch came later than that, and paid for twice. */
const ESCALATED: LoggedOutcome = {
  ...BATCH,
  servedBy: 'sync',
  cost: 1_500,
  waste: 500,
  latencyMs: 9 * MINUTE,
  batchDoneMs: 20 * MINUTE,
};

/** Eight of ten batches of each hour take a minute, the others an hour. */
const EIGHT_OF_TEN = Array.from({ length: 10 }, (_, i) => ({
  model: 'm',
  createdAt: NOON + i,
  ms: i < 8 ? MINUTE : 60 * MINUTE,
  ended: true,
}));

function run(action: ActionDocument, logged: [LoggedCall | null, LoggedOutcome][], batches = EIGHT_OF_TEN) {
  const document = {
    rules: [{ id: 'r', name: '', enabled: true, when: {}, then: action }],
    default: { lane: 'sync' as const },
  };
  const backtest = new Backtest(compilePolicy(document, { version: 0, paused: false }), new TurnaroundByHour(batches));
  for (const [one, was] of logged) backtest.add(one, was);
  return backtest.result();
}

describe('from sync to batch', () => {
  test('half the price when it is back in time, both when it is not', () => {
    const { effect } = run({ lane: 'batch', window: '0ms' }, [[call(), SYNC]]);
    // 0.8 · 500 + 0.2 · (1000 + 500)
    expect(effect).toMatchObject({
      toBatch: 1,
      actualCost: { total: 1_000n },
      proposedCost: { total: 700n },
      proposedWaste: { total: 100n },
    });
    expect(effect.escalated).toBeCloseTo(0.2);
    expect(effect.missed).toBe(0);
  });

  test('what is not escalated is missed, with the band of what was measured', () => {
    const { effect } = run({ lane: 'batch', window: '0ms', escalate: false }, [[call(), SYNC]]);
    expect(effect.escalated).toBe(0);
    expect(effect.missed).toBeCloseTo(0.2);
    // Wilson's interval of 8 of 10: 0.49 … 0.94.
    expect(effect.missedLow).toBeCloseTo(1 - 0.943, 2);
    expect(effect.missedHigh).toBeCloseTo(1 - 0.49, 2);
  });

  test('what sync read from its cache is written anew', () => {
    const { effect } = run(
      { lane: 'batch', window: '0ms' },
      [[call(), { ...SYNC, cacheReadTokens: 100 }]],
      [...EIGHT_OF_TEN.map((batch) => ({ ...batch, ms: MINUTE }))],
    );
    // ½ · (1000 + 100 · (12 − 1))
    expect(effect.proposedCost.total).toBe(1_050n);
  });

  test('a web search costs the same there', () => {
    const searching = { ...PRICE, webSearch: 300n };
    const { effect } = run(
      { lane: 'batch', window: '0ms' },
      [[call({ price: searching }), { ...SYNC, webSearches: 2 }]],
      [...EIGHT_OF_TEN.map((batch) => ({ ...batch, ms: MINUTE }))],
    );
    // ½ · (1000 − 2 · 300) + 2 · 300
    expect(effect.proposedCost.total).toBe(800n);
  });

  test('a model of which no batch was seen is left as it was, and counted', () => {
    const { effect } = run({ lane: 'batch' }, [[call({ model: 'other' }), SYNC]]);
    expect(effect).toMatchObject({ toBatch: 1, notMeasured: 1, proposedCost: { total: 1_000n } });
  });

  test('an hour with too few batches is judged by the whole range', () => {
    const later = call({ arrivedAt: NOON + 5 * 60 * MINUTE });
    expect(run({ lane: 'batch', window: '0ms' }, [[later, SYNC]]).effect.escalated).toBeCloseTo(0.2);
  });

  test('latencies are drawn from the same distribution', () => {
    const logged = Array.from({ length: 1_000 }, (): [LoggedCall, LoggedOutcome] => [call(), SYNC]);
    const { latency } = run({ lane: 'batch', window: '0ms' }, logged);
    expect(latency.actual.p50).toBe(2_000);
    expect(latency.estimated).toBe(1_000);
    expect(latency.proposed.p50).toBeGreaterThan(MINUTE);
    expect(latency.proposed.p50).toBeLessThan(2 * MINUTE);
    expect(latency.proposed.p90).toBeGreaterThan(9 * MINUTE);
    expect(run({ lane: 'batch', window: '0ms' }, logged).latency).toEqual(latency);
  });
});

describe('from batch to sync', () => {
  test('costs what sync costs, and nothing is wasted', () => {
    const { effect } = run({ lane: 'sync' }, [
      [call(), BATCH],
      [call(), ESCALATED],
    ]);
    expect(effect).toMatchObject({
      toSync: 2,
      actualCost: { total: 2_000n },
      proposedCost: { total: 2_000n },
      actualWaste: { total: 500n },
      proposedWaste: { total: 0n },
    });
  });

  test('takes as long as synchronous calls of the model took', () => {
    const seen = Array.from({ length: 20 }, (_, i): [LoggedCall, LoggedOutcome] => [
      call(),
      { ...SYNC, latencyMs: 1_000 + i },
    ]);
    const moved = Array.from({ length: 20 }, (): [LoggedCall, LoggedOutcome] => [call(), BATCH]);
    const { latency } = run({ lane: 'sync' }, [...seen, ...moved]);
    expect(latency.estimated).toBe(20);
    expect(latency.proposed.p95).toBeLessThan(1_020);
  });
});

describe('within batch', () => {
  test('with the same deadline everything stays as it was', () => {
    const { effect } = run({ lane: 'batch' }, [
      [call(), BATCH],
      [call(), ESCALATED],
    ]);
    expect(effect).toMatchObject({
      toBatch: 0,
      toSync: 0,
      actualCost: { total: 2_000n },
      proposedCost: { total: 2_000n },
      escalated: 1,
    });
  });

  test('with another deadline its own batch tells what would have been', () => {
    const shorter = run({ lane: 'batch', deadline: '1m' }, [[call(), BATCH]]).effect;
    expect(shorter).toMatchObject({ escalated: 1, proposedCost: { total: 1_500n }, proposedWaste: { total: 500n } });
    const longer = run({ lane: 'batch' }, [[call({ toleranceMs: 60 * MINUTE }), ESCALATED]]).effect;
    expect(longer).toMatchObject({ escalated: 0, proposedCost: { total: 500n }, proposedWaste: { total: 0n } });
  });
});

describe('what is not judged', () => {
  test('calls of which too little is known', () => {
    const document = {
      rules: [
        {
          id: 'h',
          name: '',
          enabled: true,
          when: { field: 'header.x-a', op: 'exists' as const, value: true },
          then: { lane: 'batch' as const },
        },
      ],
      default: { lane: 'sync' as const },
    };
    const backtest = new Backtest(compilePolicy(document, { version: 0, paused: false }), new TurnaroundByHour([]));
    backtest.add(null, SYNC);
    backtest.add(call(), SYNC);
    backtest.add(call({ facts: { ...call().facts, headers: { 'x-a': null } } }), SYNC);
    expect(backtest.result()).toMatchObject({ notEvaluable: 2, effect: { requests: 1, toBatch: 0 } });
  });

  test('unpriced calls are counted, and in no sum', () => {
    const { effect } = run({ lane: 'batch' }, [[call(), { ...SYNC, unpriced: true }]]);
    expect(effect).toMatchObject({ requests: 1, unpriced: 1, actualCost: { total: 0n }, proposedCost: { total: 0n } });
  });

  test('what was decided while everything was paused stays', () => {
    const { effect, perRule } = run({ lane: 'batch' }, [[call(), { ...SYNC, rule: 'paused' }]]);
    expect(effect.toBatch).toBe(0);
    expect(perRule.find(({ rule }) => rule === 'paused')?.effect.requests).toBe(1);
  });

  test('examples: the newest of each kind of change', () => {
    const logged = Array.from({ length: 20 }, (_, i): [LoggedCall, LoggedOutcome] => [
      call({ id: uuidV7(NOON + i, randomBytes(10)) as Uuid }),
      SYNC,
    ]);
    const { sample } = run({ lane: 'batch' }, logged);
    expect(sample.map(({ id }) => id)).toEqual(
      logged
        .slice(-5)
        .reverse()
        .map(([{ id } = call()]) => id),
    );
  });
});
