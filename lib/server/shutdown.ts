import type { Server } from 'node:http';
import type { Deps } from '@/lib/deps';

const CHECK_EVERY_MS = 50;
/** After cutting, calls get this long to write their last record. */
const CUT_MS = 250;

/**
 * Ends serving: not ready at once, no new connections, calls under way get the grace, what is left then is cut and
 * recorded as interrupted.
 */
export async function drain(deps: Deps, servers: readonly Server[], graceMs: number): Promise<void> {
  deps.lifecycle.draining = true;
  const started = deps.clock.monotonic();
  for (const server of servers) {
    server.close();
    server.closeIdleConnections();
  }
  while ((await inFlight(deps)) > 0 && deps.clock.monotonic() - started < graceMs) {
    await pause(CHECK_EVERY_MS);
    for (const server of servers) server.closeIdleConnections();
  }
  deps.lifecycle.cut = true;
  for (const server of servers) server.closeAllConnections();
  await pause((await inFlight(deps)) > 0 ? CUT_MS : 0);
}

async function inFlight(deps: Deps): Promise<number> {
  const { values } = await deps.metrics.inFlight.get();
  return values[0]?.value ?? 0;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
