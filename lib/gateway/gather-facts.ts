import { expectedOutput } from '@/lib/core/auto/expected-output';
import { judgeCall } from '@/lib/core/auto/judge-call';
import { type Facts, overrideOf } from '@/lib/core/decide';
import type { Uuid } from '@/lib/core/ids';
import type { CompiledPolicy } from '@/lib/core/policy/compile';
import type { DecisionFacts } from '@/lib/core/policy/decision-facts';
import type { AutoJudge } from '@/lib/core/policy/judge';
import { mergeTags } from '@/lib/core/tags';
import type { Deps } from '@/lib/deps';
import { type HeaderPairs, header, headerValues } from '@/lib/wire/headers';
import { ineligible } from '@/lib/wire/ineligible';
import type { Knowledge } from './call';
import { laneCredential } from './lane-credential';
import { listensForMs, patienceOf, retriesLeft } from './patience';
import type { PrefixOwner, WatchedPrefix } from './prefix-watch';

/** A call as a decision looks at it. */
export interface AskedCall {
  id: Uuid;
  /** Unix ms. */
  arrivedAt: number;
  headers: HeaderPairs;
  bytes: Buffer;
  /** `bytes` parsed; `null` when they do not parse. */
  json: unknown;
}

export interface Gathered {
  facts: Facts;
  /** The part of them that the log keeps beside its other columns. */
  stored: DecisionFacts;
  judge: AutoJudge;
  /** `undefined`: nobody asked for it. */
  prefix: WatchedPrefix | null | undefined;
}

/** Everything that any policy may look at in this call, now. @param watch how its cacheable prefix is looked up. */
export function gatherFacts(
  deps: Deps,
  policy: CompiledPolicy,
  known: Pick<Knowledge, 'caller' | 'principal' | 'asked' | 'body'>,
  call: AskedCall,
  watch: (owner: PrefixOwner) => WatchedPrefix | null,
): Gathered {
  const { caller, principal, asked, body } = known;
  const key = principal?.key ?? null;
  const model = body?.model ?? null;
  const maxTokens = body?.maxTokens ?? null;
  const estimate = deps.estimates.of(model);
  const stored: DecisionFacts = {
    optedOut: asked?.optedOut ?? false,
    ineligible: null,
    laneDown: deps.lifecycle.draining || deps.health.database === 'down' || !deps.lane.isReady,
    prefix: null,
    headers: namedHeaders(policy, call.headers),
    estimateId: estimate?.snapshotId ?? null,
    batchBacklog: estimate?.batchBacklog ?? 0,
    syncP95: estimate?.syncP95 ?? null,
    spendToday: estimate?.spendToday ?? null,
    syncNeedMs: deps.estimates.syncNeedMs(model, maxTokens),
    expectedOutput: expectedOutput(estimate, key?.id ?? null, maxTokens),
    patienceMs: listensForMs(
      caller.client,
      body?.stream ?? false,
      retriesLeft(call.headers, asked?.retries ?? 0),
      patienceOf(call.headers, caller.client, key?.patienceMs ?? null),
    ),
  };
  const facts: Facts = {
    requestId: call.id,
    sessionId: caller.sessionId,
    arrivedAt: call.arrivedAt,
    model,
    toleranceMs: asked?.toleranceMs ?? key?.toleranceMs ?? null,
    optedOut: stored.optedOut,
    key: key?.name ?? null,
    tags: mergeTags(asked?.tags ?? {}, key?.tags ?? {}),
    client: caller.client,
    agent: caller.agent,
    stream: body?.stream ?? false,
    inputTokens: body?.inputTokens ?? null,
    maxTokens,
    hasTools: body?.hasTools ?? false,
    hasThinking: body?.hasThinking ?? false,
    prefixWarm: null,
    header: (name) => header(call.headers, name),
    measured: deps.estimates.measured(model),
    ineligible: null,
    laneDown: stored.laneDown,
    syncNeedMs: stored.syncNeedMs,
  };
  let prefix: WatchedPrefix | null | undefined;
  // What goes to sync whatever any policy says is not looked at more closely: hashing a long prompt has its price.
  if (overrideOf(policy, facts) === null) {
    stored.ineligible = ineligibleFor(deps, known, call);
    facts.ineligible = stored.ineligible;
    if (principal && model !== null) {
      const credential = laneCredential(principal, call.headers);
      prefix = watch({ credential, model, keyId: key?.id ?? null, session: caller.sessionId });
      stored.prefix = prefix && { tokens: prefix.tokens, state: prefix.state };
      facts.prefixWarm = prefix?.isWarm ?? null;
    }
  }
  const price = model === null ? null : deps.prices.book.priceAt(model, new Date(call.arrivedAt));
  return { facts, stored, judge: judgeCall({ facts: stored, estimate, price }), prefix };
}

function ineligibleFor(deps: Deps, { principal, body }: Pick<Knowledge, 'principal' | 'body'>, call: AskedCall) {
  const key = principal?.key ?? null;
  if (key?.batch === false) return 'key';
  // Only what upstream has accepted once is worth being kept for later.
  if (key === null && !deps.lane.accepted.has(principal?.credential ?? '')) return 'credential';
  const anthropicBeta = headerValues(call.headers, 'anthropic-beta');
  const reason = ineligible({ bytes: call.bytes, body: call.json, anthropicBeta });
  return reason ?? (body?.model && !deps.prices.book.isKnown(body.model) ? 'model' : null);
}

function namedHeaders({ headers: names }: CompiledPolicy, headers: HeaderPairs): DecisionFacts['headers'] {
  return Object.fromEntries(names.map((name) => [name, header(headers, name)]));
}
