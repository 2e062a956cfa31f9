import { randomBytes } from 'node:crypto';
import { uuidV7 } from '@/lib/core/ids';
import type { AttemptRecord, ClosedRecord, OpenedRecord } from '@/lib/core/request-record';

/** A plausible `opened` record; what a test speaks of, it states. */
export function openedRecord(over: Partial<OpenedRecord> = {}): OpenedRecord {
  const arrivedAt = over.arrivedAt ?? Date.UTC(2026, 10, 22, 12);
  return {
    id: uuidV7(arrivedAt, randomBytes(10)),
    arrivedAt,
    endpoint: 'messages',
    upstream: 'https://api.test',
    simulated: false,
    keyId: null,
    credential: null,
    client: 'sdk-ts',
    agent: 'none',
    sessionId: null,
    agentId: null,
    parentAgentId: null,
    tags: {},
    lane: 'sync',
    rule: 'default',
    because: 'no_tolerance',
    policyVersion: 1,
    model: 'claude-sonnet-5-5',
    stream: false,
    toleranceMs: null,
    deadlineAt: null,
    inputTokens: 10,
    maxTokens: 100,
    hasTools: false,
    hasThinking: false,
    ...over,
  };
}

export function attemptRecord(over: Partial<AttemptRecord> = {}): AttemptRecord {
  return {
    key: `msg_${randomBytes(8).toString('hex')}`,
    lane: 'sync',
    startedAt: Date.UTC(2026, 10, 22, 12),
    endedAt: Date.UTC(2026, 10, 22, 12, 0, 1),
    httpStatus: 200,
    errorType: null,
    messageId: null,
    upstreamRequestId: null,
    model: 'claude-sonnet-5-5',
    usage: { input_tokens: 10, output_tokens: 20 },
    estimated: false,
    costPico: '220000000',
    syncCostPico: over.costPico === undefined ? '220000000' : over.costPico,
    priceId: 1,
    delivered: true,
    ...over,
  };
}

export function closedRecord(opened: OpenedRecord, over: Partial<ClosedRecord> = {}): ClosedRecord {
  return {
    id: opened.id,
    state: 'succeeded',
    servedBy: 'sync',
    httpStatus: 200,
    errorType: null,
    ttfbMs: 100,
    latencyMs: 1_000,
    upstreamRequestId: 'req_1',
    attempts: [attemptRecord()],
    ...over,
  };
}
