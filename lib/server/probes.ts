import type { ServerResponse } from 'node:http';
import { ITEM_STATES } from '@/lib/core/lane-states';
import type { Deps } from '@/lib/deps';
import { readBacklog } from '@/lib/store/backlog';

const BACKLOG_PATIENCE_MS = 1_000;
const OPEN_STATES = ITEM_STATES.filter((state) => state !== 'done');

/** `GET /healthz`: the process answers. */
export function answerHealth(response: ServerResponse): void {
  sendJson(response, 200, { status: 'ok' });
}

/** `GET /readyz`: 503 before the first readiness and while draining; with `?strict=1` also while a part is down. */
export function answerReadiness(deps: Deps, target: string, response: ServerResponse): void {
  const isStrict = new URLSearchParams(target.split('?')[1]).get('strict') === '1';
  const { database, upstream } = deps.health;
  const isUp = database === 'up' && upstream === 'up';
  const { ready, draining } = deps.lifecycle;
  sendJson(response, ready && !draining && (isUp || !isStrict) ? 200 : 503, {
    ready: ready && !draining,
    database,
    upstream,
  });
}

export async function answerMetrics(deps: Deps, response: ServerResponse): Promise<void> {
  deps.metrics.spoolBytes.set(deps.spool.writer.bytes);
  await showBacklog(deps);
  const text = await deps.metrics.registry.metrics();
  response.writeHead(200, { 'content-type': deps.metrics.registry.contentType, 'cache-control': 'no-store' });
  response.end(text);
}

/** While Postgres does not say it in time, there is no sample: an old number would look like a calm queue. */
async function showBacklog({ pools, upstreamId, metrics }: Deps): Promise<void> {
  const { items, oldest, overdue } = metrics.lane.backlog;
  const tooLate = new Promise<null>((resolve) => setTimeout(resolve, BACKLOG_PATIENCE_MS, null).unref());
  const backlog = await Promise.race([readBacklog(pools.analytics, upstreamId).catch(() => null), tooLate]);
  items.reset();
  oldest.reset();
  overdue.remove();
  if (!backlog) return;
  for (const state of OPEN_STATES) {
    const found = backlog.states.get(state);
    items.set({ state }, found?.items ?? 0);
    oldest.set({ state }, (found?.oldestMs ?? 0) / 1_000);
  }
  overdue.set(backlog.overdueMs / 1_000);
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(value));
}
