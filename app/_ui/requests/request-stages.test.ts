import { describe, expect, it } from 'vitest';
import type { Attempt, RequestDetail, RequestRow } from '@/lib/contract/requests';
import { requestStages } from './request-stages';

const T0 = Date.parse('2026-11-22T12:00:00.000Z');
const at = (seconds: number) => new Date(T0 + seconds * 1_000).toISOString();

const row: RequestRow = {
  id: 'opr_1',
  arrivedAt: at(0),
  endpoint: 'messages',
  model: 'm',
  key: null,
  tags: {},
  client: 'other',
  agent: 'none',
  sessionId: null,
  lane: 'batch',
  servedBy: null,
  rule: 'default',
  because: 'rule',
  policyVersion: 1,
  state: 'waiting',
  httpStatus: null,
  errorType: null,
  stream: false,
  usage: null,
  costUsd: null,
  syncCostUsd: null,
  wasteUsd: null,
  ttfbMs: null,
  latencyMs: null,
  deadlineAt: at(600),
  batchId: null,
  upstreamRequestId: null,
  simulated: true,
};

const item: NonNullable<RequestDetail['item']> = {
  state: 'queued',
  outcome: null,
  windowEndsAt: at(5),
  answerBy: at(600),
  escalateAt: at(570),
  outcomeAt: null,
};

const batch: NonNullable<RequestDetail['batch']> = {
  id: 'b',
  msgbatchId: 'msgbatch_b',
  state: 'open',
  createdAt: at(5),
  postedAt: at(6),
  upstreamCreatedAt: at(7),
  endedAt: null,
  seenEndedAt: null,
  closedAt: null,
};
const ended = { ...batch, state: 'closed' as const, endedAt: at(100), seenEndedAt: at(102), closedAt: at(103) };

function attempt(over: Partial<Attempt>): Attempt {
  return {
    key: 'msgbatch_b/x',
    lane: 'batch',
    startedAt: at(7),
    endedAt: at(100),
    httpStatus: 200,
    errorType: null,
    messageId: null,
    upstreamRequestId: null,
    model: 'm',
    usage: {},
    estimated: false,
    costUsd: '0.5',
    delivered: true,
    ...over,
  };
}

function detail(request: Partial<RequestRow>, over: Partial<RequestDetail> = {}): RequestDetail {
  const facts = {
    toleranceMs: null,
    inputTokens: null,
    maxTokens: null,
    hasTools: false,
    hasThinking: false,
    warmPrefix: false,
    agentId: null,
    parentAgentId: null,
  };
  return {
    request: { ...row, ...request },
    facts,
    attempts: [],
    item,
    batch: null,
    bodies: null,
    decided: null,
    prediction: null,
    ...over,
  };
}

/** `Name from–to cost`, in seconds after the arrival. */
function told(of: RequestDetail): string[] {
  const { start, stages, end } = requestStages(of);
  const seconds = (ms: number | null) => (ms === null ? '' : (ms - start) / 1_000);
  return [
    ...stages.map(({ name, from, to, cost }) => `${name} ${seconds(from)}–${seconds(to)} ${cost ?? ''}`.trim()),
    `${end.name} ${seconds(end.at)} ${end.cost ?? ''}`.trim(),
  ];
}

describe('requestStages', () => {
  it('a queued call', () => {
    expect(told(detail({}))).toEqual(['Queued 0–', 'Waiting']);
  });

  it('a call in a batch that is not back', () => {
    expect(told(detail({}, { item: { ...item, state: 'batched' }, batch }))).toEqual([
      'Queued 0–6',
      'Submitted 6–7',
      'In the batch 7–',
      'Waiting',
    ]);
  });

  it('a call that its batch answered', () => {
    const answered = detail(
      { state: 'succeeded', servedBy: 'batch', latencyMs: 104_000, costUsd: '0.5' },
      { item: null, batch: ended, attempts: [attempt({})] },
    );
    expect(told(answered)).toEqual([
      'Queued 0–6',
      'Submitted 6–7',
      'In the batch 7–100 $0.500',
      'Results read 100–104',
      'Delivered 104 $0.500',
    ]);
  });

  it('a call being answered by sync while its batch goes on', () => {
    expect(told(detail({ state: 'running' }, { item: { ...item, state: 'escalating' }, batch }))).toEqual([
      'Queued 0–6',
      'Submitted 6–7',
      'In the batch 7–',
      'Answered by sync 570–',
      'Running',
    ]);
  });

  it('a call that sync answered before its result came', () => {
    const sync = attempt({ key: 'msg_1', lane: 'sync', startedAt: at(50), endedAt: at(54), costUsd: '1' });
    const escalated = detail(
      { state: 'succeeded', servedBy: 'sync', latencyMs: 54_000, costUsd: '1.5' },
      { item: null, batch: ended, attempts: [attempt({ delivered: false }), sync] },
    );
    expect(told(escalated)).toEqual([
      'Queued 0–6',
      'Submitted 6–7',
      'In the batch 7–100 $0.500',
      'Answered by sync 50–54 $1.00',
      'Delivered, escalated to sync 54 $1.50',
    ]);
    expect(requestStages(escalated).stages[2]).toMatchObject({ tone: 'waste', note: 'not delivered, waste' });
  });

  it('a result that gave no answer cost nothing and is no waste', () => {
    const canceled = attempt({ delivered: false, errorType: 'canceled', usage: null, costUsd: '0', httpStatus: null });
    const sync = attempt({ key: 'msg_1', lane: 'sync', startedAt: at(50), endedAt: at(54), costUsd: '1' });
    const escalated = detail(
      { state: 'succeeded', servedBy: 'sync', latencyMs: 54_000, costUsd: '1' },
      { item: null, batch: ended, attempts: [canceled, sync] },
    );
    expect(requestStages(escalated).stages[2]).toMatchObject({ tone: 'quiet', note: 'canceled', cost: null });
  });

  it('a call that never came into a batch', () => {
    const sync = attempt({ key: 'msg_1', lane: 'sync', startedAt: at(50), endedAt: at(54), costUsd: null });
    const escalated = detail(
      { state: 'succeeded', servedBy: 'sync', latencyMs: 54_000 },
      { item: null, attempts: [sync] },
    );
    expect(told(escalated)).toEqual([
      'Queued 0–50',
      'Answered by sync 50–54 unpriced',
      'Delivered, escalated to sync 54 unpriced',
    ]);
  });

  it('a batch of which only the attempt is known', () => {
    const answered = detail(
      { state: 'succeeded', servedBy: 'batch', latencyMs: 104_000, costUsd: '0.5' },
      { item: null, attempts: [attempt({})] },
    );
    expect(told(answered)[2]).toBe('In the batch 7–100 $0.500');
  });

  it('a call of the sync lane', () => {
    const sync = attempt({ key: 'msg_1', lane: 'sync', startedAt: at(0), endedAt: at(4) });
    const answered = detail(
      { lane: 'sync', state: 'succeeded', servedBy: 'sync', latencyMs: 4_000, costUsd: '0.5' },
      { item: null, attempts: [sync] },
    );
    expect(told(answered)).toEqual(['Sync call 0–4 $0.500', 'Delivered 4 $0.500']);
    expect(told(detail({ lane: 'sync', state: 'running' }, { item: null }))).toEqual(['Sync call 0–', 'Running']);
    expect(told(detail({ lane: 'sync', state: 'refused' }, { item: null }))).toEqual(['Refused  unpriced']);
  });
});
