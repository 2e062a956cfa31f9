import { expect, it } from 'vitest';
import type { RequestDetail } from '@/lib/contract/requests';
import { judgement } from './judgement';

const DECIDED: NonNullable<RequestDetail['decided']> = {
  optedOut: false,
  ineligible: null,
  laneDown: false,
  prefix: { tokens: 12_000, warm: true },
  headers: { 'x-team': null },
  batchBacklog: 3,
  syncP95Ms: 2_000,
  spendTodayUsd: 1,
  syncNeedMs: 9_000,
  expectedOutputTokens: 100,
  patienceMs: null,
  turnaround: { p50: 100_000, p90: 200_000, p95: null, samples: 15 },
};
const PREDICTION: NonNullable<RequestDetail['prediction']> = {
  h: 570_000,
  F: 0.93,
  lower: 0.84,
  nEff: 41.6,
  halfLifeMs: 900_000,
  q: 0,
  b: 0,
  kappa: 1,
  nu: 0,
  syncCostUsd: '0.02',
  batchCostUsd: '0.011',
  snapshotId: 's',
};
const REQUEST = { lane: 'batch', servedBy: 'batch', costUsd: '0.01', syncCostUsd: '0.02' };

const detail = (over: object): RequestDetail =>
  ({ request: REQUEST, decided: DECIDED, prediction: PREDICTION, ...over }) as RequestDetail;

it('what was measured, predicted and came true', () => {
  expect(Object.fromEntries(judgement(detail({})))).toEqual({
    'Batches of the model': 'p50 1 min 40 s, p95 –, n = 15',
    'Sync answer needs': '9.00 s',
    'Items in the lane': '3',
    'Cached prefix': '12,000 tokens, warm in sync',
    'Header x-team': 'not sent',
    'Time for the batch': '9 min 30 s',
    'Back in that time': '93 % (at least 84 % with 95 %, n = 42)',
    'Expected in sync': '$0.0200',
    'Expected in batch': '$0.0110',
    'What came true': 'back in time, $0.0100 instead of $0.0200',
  });
});

it('an escalated call did not come back in time; a waiting one has no outcome yet', () => {
  const told = (servedBy: string | null) =>
    new Map(judgement(detail({ request: { ...REQUEST, servedBy } }))).get('What came true');
  expect(told('sync')).toContain('not back in time');
  expect(told(null)).toBeUndefined();
});

it('says nothing where nothing was decided, and nothing of a prediction where none was made', () => {
  expect(judgement(detail({ decided: null }))).toEqual([]);
  expect(new Map(judgement(detail({ prediction: null }))).has('Time for the batch')).toBe(false);
});
