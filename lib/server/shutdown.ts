import type { Server } from 'node:http';
import { promisify } from 'node:util';
import type { Deps } from '@/lib/deps';

const CHECK_EVERY_MS = 50;
/** Answers that are complete get this long to reach slow readers. */
const FLUSH_MS = 1_000;
/** After cutting, calls get this long to write their last record. */
const CUT_MS = 250;

/**
 * Ends serving: not ready and no new calls at once (probes are still told so, hence the port stays open), calls under
 * way get the grace, what is left then is cut and recorded as interrupted.
 */
export async function drain(deps: Deps, servers: readonly Server[], graceMs: number): Promise<void> {
  deps.lifecycle.draining = true;
  deps.lane.held.drain();
  const { monotonic } = deps.clock;
  const graceEnds = monotonic() + graceMs;
  while ((await inFlight(deps)) > 0 && monotonic() < graceEnds) await pause(CHECK_EVERY_MS);
  for (const server of servers) server.close();
  const flushEnds = Math.min(monotonic() + FLUSH_MS, graceEnds);
  while (monotonic() < flushEnds) {
    for (const server of servers) server.closeIdleConnections();
    if (await noConnections(servers)) break;
    await pause(CHECK_EVERY_MS);
  }
  deps.lifecycle.cut = true;
  deps.lane.held.cut();
  for (const server of servers) server.closeAllConnections();
  await pause((await inFlight(deps)) > 0 ? CUT_MS : 0);
}

async function noConnections(servers: readonly Server[]): Promise<boolean> {
  const counts = await Promise.all(servers.map((server) => promisify(server.getConnections.bind(server))()));
  return counts.every((count) => count === 0);
}

async function inFlight(deps: Deps): Promise<number> {
  const { values } = await deps.metrics.inFlight.get();
  return values[0]?.value ?? 0;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
