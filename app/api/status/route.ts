import { methods, route } from '@/app/_server';
import { isDatabaseAway, isDatabaseSlow } from '@/app/api/_door/database-failure';
import { upstreamOf } from '@/app/api/_door/scope';
import { DOORS } from '@/lib/contract/doors';
import type { Status } from '@/lib/contract/status';
import type { Deps } from '@/lib/deps';
import { readPause } from '@/lib/store/policies';
import { firstRequestAt } from '@/lib/store/requests';

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = methods({
  GET: route(DOORS['GET /api/status'], async ({ deps, operator, now }) => {
    const { config, upstream, spool } = deps;
    const { name, role } = operator;
    return {
      version: deps.version,
      now: now.toISOString(),
      origin: deps.origin,
      upstream: { ...upstreamOf(deps), timeScale: upstream.simulated ? config.simTimeScale : 1 },
      passthrough: config.passthrough,
      logBodies: config.logBodies,
      ...(await readDatabase(deps)),
      policy: { version: deps.policy.current.version, pause: await pauseOf(deps) },
      spool: {
        pending: spool.shipper.pending,
        bytes: spool.writer.bytes,
        capBytes: spool.capBytes,
        dropped: spool.writer.dropped,
      },
      operator: { name, role },
    };
  }),
});

/** The page that says that the database is down has to be answered while it is. */
async function readDatabase(deps: Deps): Promise<Pick<Status, 'database' | 'firstRequestAt'>> {
  if (deps.health.database === 'down') return { database: 'down', firstRequestAt: null };
  try {
    const first = await firstRequestAt(deps.pools.analytics, upstreamOf(deps));
    return { database: 'up', firstRequestAt: first?.toISOString() ?? null };
  } catch (error) {
    if (isDatabaseSlow(error)) return { database: 'slow', firstRequestAt: null };
    if (isDatabaseAway(error)) return { database: 'down', firstRequestAt: null };
    throw error;
  }
}

/** While the database cannot say it, the switch as this process last saw it. */
async function pauseOf(deps: Deps): Promise<Status['policy']['pause']> {
  const known = deps.policy.current.paused ? { by: null, at: null, note: null } : null;
  if (deps.health.database === 'down') return known;
  try {
    const { paused, ...pause } = await readPause(deps.pools.admin);
    return paused ? pause : null;
  } catch (error) {
    if (isDatabaseSlow(error) || isDatabaseAway(error)) return known;
    throw error;
  }
}
