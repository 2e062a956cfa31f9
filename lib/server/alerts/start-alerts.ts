import type { Deps } from '@/lib/deps';
import { readProxy } from '@/lib/env';
import { AlertWatch } from './alert-watch';
import { alertPoster } from './post-alert';

const EVERY_MS = 10_000;

/** Looks every ten seconds for what an operator wants to be told of, where there is a webhook. Answers how to stop. */
export function startAlerts(deps: Deps): () => Promise<void> {
  const { alertUrl } = deps.config;
  if (alertUrl === null) return () => Promise.resolve();
  const poster = alertPoster(alertUrl, readProxy());
  const watch = new AlertWatch({
    sql: deps.pools.analytics,
    upstreamId: deps.upstreamId,
    origin: deps.adminOrigin,
    post: poster.post,
    lease: (leaseUntil, now) => deps.lane.store.lease('alerts', deps.lane.owner, leaseUntil, now),
    batchP95Ms: (model) => deps.estimates.measured(model).batchP95,
  });
  let running: Promise<void> = Promise.resolve();
  const turn = async () => {
    const isUp = deps.health.database === 'up';
    await watch.database(isUp, deps.clock.monotonic());
    if (isUp && deps.lane.isReady) await watch.turn(deps.lane.now());
  };
  const timer = setInterval(() => {
    running = running
      .then(turn)
      .catch((error: unknown) => deps.log.warn({ err: error }, 'alerts could not be told; it is tried again'));
  }, EVERY_MS);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await running;
    await poster.close();
  };
}
