import { type Decision, decide } from '@/lib/core/decide';
import type { Uuid } from '@/lib/core/ids';
import type { SizeClass } from '@/lib/core/lane-states';
import type { Deps } from '@/lib/deps';
import { header, headerValues } from '@/lib/wire/headers';
import { ineligible } from '@/lib/wire/ineligible';
import { sizeClass } from '@/lib/wire/size-class';
import type { Knowledge } from './call';
import type { Exchange } from './exchange';

export interface LaneChoice {
  decision: Decision;
  /** `null` where the body is no object. */
  sizeClass: SizeClass | null;
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
  const decision = decide(deps.policy.current, {
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
    prefixWarm: null,
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
  });
  const isObject = typeof json === 'object' && json !== null && !Array.isArray(json);
  return { decision, sizeClass: isObject ? sizeClass(json as Record<string, unknown>) : null };
}
