import { judgeCall } from '@/lib/core/auto/judge-call';
import { isPrefixWarm } from '@/lib/core/auto/prefix-state';
import type { KnownEstimate } from '@/lib/core/estimate/snapshot';
import type { Uuid } from '@/lib/core/ids';
import type { PriceRow } from '@/lib/core/pricing';
import type { Agent, Client } from '@/lib/core/request-states';
import type { Tags } from '@/lib/core/tags';
import type { DecisionFacts } from './decision-facts';
import type { Facts } from './facts';
import type { AutoJudge } from './judge';

/** A call as the log holds it, with all that its decision saw. */
export interface LoggedCall {
  id: Uuid;
  /** Unix ms. */
  arrivedAt: number;
  sessionId: string | null;
  model: string | null;
  toleranceMs: number | null;
  key: string | null;
  tags: Tags;
  client: Client;
  agent: Agent;
  stream: boolean;
  inputTokens: number | null;
  maxTokens: number | null;
  hasTools: boolean;
  hasThinking: boolean;
  facts: DecisionFacts;
  /** The one that it was decided by; `null`: nothing was measured. */
  estimate: KnownEstimate | null;
  price: PriceRow | null;
}

/** A condition looks at a header that no policy named when the call was made. */
export class NotLogged extends Error {
  constructor(readonly header: string) {
    super(`header ${header} was not logged`);
    this.name = 'NotLogged';
  }
}

/**
 * The call as its decision saw it: `decide` over this decides as it would have then.
 * @throws NotLogged from within `decide`, when a condition asks for what was not logged.
 */
export function replay(call: LoggedCall): { facts: Facts; judge: AutoJudge } {
  const { facts: known, estimate, arrivedAt } = call;
  const facts: Facts = {
    requestId: call.id,
    sessionId: call.sessionId,
    arrivedAt,
    model: call.model,
    toleranceMs: call.toleranceMs,
    optedOut: known.optedOut,
    key: call.key,
    tags: call.tags,
    client: call.client,
    agent: call.agent,
    stream: call.stream,
    inputTokens: call.inputTokens,
    maxTokens: call.maxTokens,
    hasTools: call.hasTools,
    hasThinking: call.hasThinking,
    prefixWarm: known.prefix && isPrefixWarm(known.prefix.state, arrivedAt),
    header(name) {
      const value = Object.hasOwn(known.headers, name) ? known.headers[name] : undefined;
      if (value === undefined) throw new NotLogged(name);
      return value;
    },
    measured: {
      batchP50: estimate?.batchP50 ?? null,
      batchP90: estimate?.batchP90 ?? null,
      batchP95: estimate?.batchP95 ?? null,
      batchSamples: estimate?.batchSamples ?? 0,
      batchBacklog: known.batchBacklog,
      syncP95: known.syncP95,
      spendToday: known.spendToday,
    },
    ineligible: known.ineligible,
    laneDown: known.laneDown,
    syncNeedMs: known.syncNeedMs,
  };
  const snapshotId = known.estimateId ?? '';
  return {
    facts,
    judge: judgeCall({ facts: known, estimate: estimate && { ...estimate, snapshotId }, price: call.price }),
  };
}
