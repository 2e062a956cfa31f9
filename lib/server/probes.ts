import type { ServerResponse } from 'node:http';
import type { Deps } from '@/lib/deps';

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
  const text = await deps.metrics.registry.metrics();
  response.writeHead(200, { 'content-type': deps.metrics.registry.contentType, 'cache-control': 'no-store' });
  response.end(text);
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(value));
}
