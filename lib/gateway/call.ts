import type { Decision } from '@/lib/core/decide';
import type { Uuid } from '@/lib/core/ids';
import { requestId } from '@/lib/core/ids';
import type { DecisionFacts } from '@/lib/core/policy/decision-facts';
import type { OpenedRecord } from '@/lib/core/request-record';
import type { Endpoint } from '@/lib/core/request-states';
import { mergeTags } from '@/lib/core/tags';
import type { Deps } from '@/lib/deps';
import type { Caller } from '@/lib/wire/caller';
import type { HeaderPairs } from '@/lib/wire/headers';
import type { OffpeakHeaders } from '@/lib/wire/offpeak-headers';
import type { RequestBody } from '@/lib/wire/read-request';
import type { Principal } from './authenticate';
import type { Exchange } from './exchange';
import type { WatchedPrefix } from './prefix-watch';

/** One accepted call, with everything that was learned of it before a lane took it. */
export interface Call {
  id: Uuid;
  endpoint: Endpoint;
  exchange: Exchange;
  body: Buffer;
  /** The same without its content encoding. */
  plainBody: Buffer;
  principal: Principal;
  /** What goes upstream, credential included. */
  upstreamHeaders: HeaderPairs;
  opened: OpenedRecord;
  /** Monotonic ms at which the whole request had been read. */
  startedAt: number;
  /** Keep its bodies, if the operator stores any. */
  store: boolean;
  /** Its cacheable prefix; `undefined`: nobody has looked yet. */
  prefix: WatchedPrefix | null | undefined;
  /** How often its client will come back when it is told to. */
  retries: number;
}

/** What is known of a call when its log record is opened; a refused one lacks most of it. */
export interface Knowledge {
  endpoint: Endpoint;
  caller: Caller;
  principal: Principal | null;
  asked: OffpeakHeaders | null;
  body: RequestBody | null;
  decision: Decision;
  /** What it was decided by; `null`: nothing was decided. */
  facts: DecisionFacts | null;
}

export function openedRecord(deps: Deps, id: Uuid, arrivedAt: number, known: Knowledge): OpenedRecord {
  const { caller, principal, asked, body, decision } = known;
  const key = principal?.key ?? null;
  const toleranceMs = asked?.toleranceMs ?? key?.toleranceMs ?? null;
  return {
    id,
    arrivedAt,
    endpoint: known.endpoint,
    upstream: deps.upstream.simulated ? 'simulator' : deps.upstream.origin,
    simulated: deps.upstream.simulated,
    keyId: key?.id ?? null,
    credential: principal?.credential ?? null,
    client: caller.client,
    agent: caller.agent,
    sessionId: caller.sessionId,
    agentId: caller.agentId,
    parentAgentId: caller.parentAgentId,
    tags: mergeTags(asked?.tags ?? {}, key?.tags ?? {}),
    lane: decision.lane,
    rule: decision.rule,
    because: decision.because,
    policyVersion: decision.policyVersion,
    model: body?.model ?? null,
    stream: body?.stream ?? false,
    toleranceMs,
    // `interactive` is no deadline: it says how the call is served, not when it becomes worthless.
    deadlineAt: decision.batching
      ? arrivedAt + decision.batching.deadlineMs
      : toleranceMs
        ? arrivedAt + toleranceMs
        : null,
    inputTokens: body?.inputTokens ?? null,
    maxTokens: body?.maxTokens ?? null,
    hasTools: body?.hasTools ?? false,
    hasThinking: body?.hasThinking ?? false,
    facts: known.facts,
    prediction: decision.prediction ?? null,
  };
}

/** Offpeak's own response headers of one call. */
export function offpeakHeaders(deps: Deps, opened: OpenedRecord): HeaderPairs {
  const headers: [string, string][] = [['x-offpeak-request-id', requestId(opened.id)]];
  if (opened.endpoint === 'messages') {
    headers.push(
      ['x-offpeak-lane', opened.lane],
      ['x-offpeak-rule', opened.rule],
      ['x-offpeak-policy', String(opened.policyVersion)],
      ['x-offpeak-because', opened.because],
    );
  }
  if (deps.upstream.simulated) headers.push(['x-offpeak-simulated', 'true']);
  return headers;
}
