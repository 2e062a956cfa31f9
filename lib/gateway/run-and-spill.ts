import type { Batching } from '@/lib/core/decide';
import type { SizeClass } from '@/lib/core/lane-states';
import type { Deps } from '@/lib/deps';
import { toClient } from '@/lib/wire/headers';
import { isSpendCap } from '@/lib/wire/is-spend-cap';
import { createTap } from '@/lib/wire/usage-tap';
import { type Call, offpeakHeaders } from './call';
import { runBatch, type Wait } from './run-batch';
import { type Refusal, runSyncOrSpill } from './run-sync';

/** A call that may wait tries the sync lane; when upstream is overloaded it waits for a batch instead of failing. */
export async function runAndSpill(
  deps: Deps,
  call: Call,
  plan: { batching: Batching; sizeClass: SizeClass },
): Promise<Wait | null> {
  const refusal = await runSyncOrSpill(deps, call);
  if (!refusal) return null;
  if (refusal.status === 429 && isSpendCap(refusal.body)) {
    handOn(deps, call, refusal);
    return null;
  }
  const passedMs = deps.clock.monotonic() - call.startedAt;
  const batching = { ...plan.batching, deadlineMs: Math.max(0, plan.batching.deadlineMs - passedMs) };
  const deadlineAt = call.opened.arrivedAt + plan.batching.deadlineMs;
  const facts = call.opened.facts && { ...call.opened.facts, spilled: true };
  const waiting: Call = { ...call, opened: { ...call.opened, lane: 'batch', deadlineAt, facts: facts ?? null } };
  const wait = await runBatch(deps, waiting, { ...plan, batching });
  if (!wait) handOn(deps, call, refusal);
  return wait;
}

/** Nothing can wait now: the caller gets what upstream said. */
function handOn(deps: Deps, call: Call, { status, headers, body }: Refusal): void {
  const tap = createTap('application/json');
  tap.push(body);
  tap.finish(true);
  deps.spool.writer.closed({
    id: call.id,
    state: 'failed',
    servedBy: 'sync',
    httpStatus: status,
    errorType: tap.observed.errorType ?? `http_${status}`,
    ttfbMs: null,
    latencyMs: deps.clock.monotonic() - call.startedAt,
    upstreamRequestId: typeof headers['request-id'] === 'string' ? headers['request-id'] : null,
    attempts: [],
  });
  deps.metrics.requests.inc({ endpoint: 'messages', lane: 'sync', state: 'failed' });
  const kept = toClient(headers).filter(([name]) => name.toLowerCase() !== 'content-length');
  const length: [string, string] = ['content-length', String(body.length)];
  const out = call.exchange.respond(status, [...kept, length, ...offpeakHeaders(deps, call.opened)]);
  out.write(body);
  out.end();
}
