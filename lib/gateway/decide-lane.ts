import { expectedOutput } from '@/lib/core/auto/expected-output';
import { makeJudge } from '@/lib/core/auto/make-judge';
import { UNKNOWN_PREFIX } from '@/lib/core/auto/prefix-state';
import { type Decision, decide, type Facts } from '@/lib/core/decide';
import type { Uuid } from '@/lib/core/ids';
import type { SizeClass } from '@/lib/core/lane-states';
import type { AutoJudge } from '@/lib/core/policy/judge';
import type { Deps } from '@/lib/deps';
import { header, headerValues } from '@/lib/wire/headers';
import { ineligible } from '@/lib/wire/ineligible';
import { sizeClass } from '@/lib/wire/size-class';
import type { Knowledge } from './call';
import type { Exchange } from './exchange';
import { laneCredential } from './lane-credential';
import { listensForMs } from './patience';
import type { WatchedPrefix } from './prefix-watch';

export interface LaneChoice {
  decision: Decision;
  /** `null` where the body is no object. */
  sizeClass: SizeClass | null;
  /** `undefined`: nobody asked for it. */
  prefix: WatchedPrefix | null | undefined;
}

/** Gathers what the policy may look at, and asks it. What costs something to know is found out only when it is asked. */
export function decideLane(
  deps: Deps,
  exchange: Exchange,
  known: Knowledge,
  call: { id: Uuid; arrivedAt: number; bytes: Buffer; json: unknown },
): LaneChoice {
  const { caller, principal, asked, body } = known;
  const key = principal?.key ?? null;
  const { json, bytes } = call;
  const model = body?.model ?? null;
  let prefix: WatchedPrefix | null | undefined;
  const watched = (): WatchedPrefix | null => {
    if (prefix === undefined && principal) prefix = watchPrefix(deps, exchange, known, call);
    return prefix ?? null;
  };
  const judge: AutoJudge = (action, facts) => {
    const found = watched();
    const estimate = deps.estimates.of(model);
    const inputTokens = body?.inputTokens ?? 0;
    const prefixTokens = Math.min(found?.tokens ?? 0, inputTokens);
    return makeJudge({
      estimate,
      price: model === null ? null : deps.prices.book.priceAt(model, new Date(call.arrivedAt)),
      tokens: {
        prefix: prefixTokens,
        other: inputTokens - prefixTokens,
        output: expectedOutput(estimate, key?.id ?? null, body?.maxTokens ?? null),
      },
      prefix: found?.state ?? UNKNOWN_PREFIX,
      syncNeedMs: deps.estimates.syncNeedMs(model, body?.maxTokens ?? null),
      patienceMs: listensForMs(caller.client, body?.stream ?? false, asked?.retries ?? 0),
    })(action, facts);
  };
  const facts: Facts = {
    requestId: call.id,
    sessionId: caller.sessionId,
    arrivedAt: call.arrivedAt,
    model: body?.model ?? null,
    toleranceMs: asked?.toleranceMs ?? key?.toleranceMs ?? null,
    optedOut: asked?.optedOut ?? false,
    key: key?.name ?? null,
    tags: { ...asked?.tags, ...key?.tags },
    client: caller.client,
    agent: caller.agent,
    stream: body?.stream ?? false,
    inputTokens: body?.inputTokens ?? null,
    maxTokens: body?.maxTokens ?? null,
    hasTools: body?.hasTools ?? false,
    hasThinking: body?.hasThinking ?? false,
    get prefixWarm() {
      return watched()?.isWarm ?? null;
    },
    header: (name) => header(exchange.headers, name),
    get measured() {
      return deps.estimates.measured(body?.model ?? null);
    },
    get ineligible() {
      if (key?.batch === false) return 'key';
      // Only what upstream has accepted once is worth being kept for later.
      if (key === null && !deps.lane.accepted.has(principal?.credential ?? '')) return 'credential';
      const anthropicBeta = headerValues(exchange.headers, 'anthropic-beta');
      const reason = ineligible({ bytes, body: json, anthropicBeta });
      return reason ?? (body?.model && !deps.prices.book.isKnown(body.model) ? 'model' : null);
    },
    get laneDown() {
      return deps.lifecycle.draining || deps.health.database === 'down' || !deps.lane.isReady;
    },
  };
  const decision = decide(deps.policy.current, facts, judge);
  if (decision.lane === 'batch') watched();
  const isObject = typeof json === 'object' && json !== null && !Array.isArray(json);
  return { decision, sizeClass: isObject ? sizeClass(json as Record<string, unknown>) : null, prefix };
}

/** The call's cacheable prefix as it stands; costs a hash over the prompt. */
function watchPrefix(
  deps: Deps,
  exchange: Exchange,
  { caller, principal, body }: Knowledge,
  call: { arrivedAt: number; bytes: Buffer; json: unknown },
): WatchedPrefix | null {
  if (!principal || !body?.model) return null;
  const owner = {
    credential: laneCredential(principal, exchange.headers),
    model: body.model,
    keyId: principal.key?.id ?? null,
    session: caller.sessionId,
  };
  return deps.prefixes.arrived(owner, call.bytes, call.json, call.arrivedAt);
}
