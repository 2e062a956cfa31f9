import type { Deps } from '@/lib/deps';
import { purgeSnapshots } from '@/lib/store/estimate-snapshots';
import { purgeKeys } from '@/lib/store/idempotency';
import { dayOf, dropExpiredPartitions, ensurePartitions } from '@/lib/store/partitions';
import { purgeProbes } from '@/lib/store/probes';
import { purgeRollups } from '@/lib/store/rollups/purge';
import { purgeExpired } from '@/lib/store/sessions';

const EVERY_MS = 3_600_000;
const DAYS_AHEAD = 7;

/** Hourly chores: partitions for the days to come, retention by dropping those that are over, old rollups and sessions. */
export function startHousekeeping(deps: Deps): () => void {
  const run = () =>
    keepHouse(deps).catch((error: unknown) =>
      deps.log.error({ err: error }, 'housekeeping failed; it runs again in an hour'),
    );
  const timer = setInterval(() => void run(), EVERY_MS);
  timer.unref();
  void run();
  return () => clearInterval(timer);
}

export async function keepHouse(deps: Deps): Promise<void> {
  const now = deps.clock.now();
  const today = dayOf(now);
  await ensurePartitions(
    deps.pools.hot,
    Array.from({ length: DAYS_AHEAD + 1 }, (_, ahead) => today + ahead),
  );
  const dropped = await dropExpiredPartitions(deps.pools.hot, deps.config.retention, now);
  if (dropped.length > 0) deps.log.info({ partitions: dropped }, 'dropped partitions beyond the retention');
  await purgeSnapshots(deps.pools.hot, now - deps.config.retention.log);
  await purgeRollups(deps.pools.rollups, now);
  await purgeKeys(deps.pools.hot, now);
  await purgeProbes(deps.pools.hot);
  await purgeExpired(deps.pools.admin, new Date(now));
}
