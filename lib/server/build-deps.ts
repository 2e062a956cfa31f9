import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { join } from 'node:path';
import type { Clock } from '@/lib/core/clock';
import { shippedPolicy } from '@/lib/core/policy/shipped';
import { PriceBook } from '@/lib/core/pricing';
import { NO_PROBES, type ProbeSettings } from '@/lib/core/probing';
import type { Deps } from '@/lib/deps';
import type { Config } from '@/lib/env';
import { Budgets } from '@/lib/gateway/budgets';
import { Estimates } from '@/lib/gateway/estimates';
import { handleCall } from '@/lib/gateway/handle-call';
import { HeldCallers } from '@/lib/gateway/held-callers';
import { HeldKeys } from '@/lib/gateway/held-keys';
import type { HoldPace } from '@/lib/gateway/hold-pace';
import { KeyRing } from '@/lib/gateway/key-ring';
import { PrefixWatch } from '@/lib/gateway/prefix-watch';
import { SharedPrefixes } from '@/lib/gateway/shared-prefixes';
import type { Logger } from '@/lib/log';
import { createMetrics } from '@/lib/metrics';
import type { Secrets } from '@/lib/secrets';
import { Bodies } from '@/lib/store/bodies';
import { ClientBatches } from '@/lib/store/client-batches';
import type { Pools } from '@/lib/store/connect';
import { EstimateSnapshots } from '@/lib/store/estimate-snapshots';
import { loadEstimates } from '@/lib/store/estimates';
import { Ingest } from '@/lib/store/ingest';
import { findActiveKey, loadActiveKeys, loadSpend } from '@/lib/store/keys';
import { postgresLaneStore } from '@/lib/store/lane/postgres-lane-store';
import { loadPolicy } from '@/lib/store/policies';
import { PrefixSightings } from '@/lib/store/prefix-sightings';
import { loadPriceBook } from '@/lib/store/prices';
import { readProbeSettings } from '@/lib/store/probes';
import { SpendToday } from '@/lib/store/spend-today';
import { SpoolShipper } from '@/lib/store/spool/spool-shipper';
import { SpoolWriter } from '@/lib/store/spool/spool-writer';
import type { Upstream } from '@/lib/upstream/upstream';
import { isOwnOrigin } from './admin-host';
import { backtests } from './backtest/start-backtest';
import { idMaker } from './id-maker';
import { LaneClock } from './lane-clock';
import { LiveTables } from './live-tables';

const SPOOL_CAP_BYTES = 1024 * 1024 * 1024;
/** Each takes some 20 KB while it waits. */
const MOST_CALLS = 20_000;
const ESTIMATES_EVERY_MS = 10_000;
const COMPLAIN_EVERY_MS = 60_000;

export interface DepsParts {
  version: string;
  config: Config;
  origin: string;
  adminOrigin: string;
  /** The port that serves pages. */
  adminPort: number;
  log: Logger;
  secrets: Secrets;
  adminToken: string;
  pools: Pools;
  upstream: Upstream;
  /** Its number in the log. */
  upstreamId: number;
  hold?: HoldPace;
  clock?: Clock;
  onHop(nonce: string): void;
  spoolCapBytes?: number;
  mostCalls?: number;
}

/** Wires one process. The background parts (`live`, the spool's shipper) are started by the caller. */
export function buildDeps(parts: DepsParts): Deps & { live: LiveTables } {
  const { config, log, secrets, pools, upstream } = parts;
  const { clock = { now: () => Date.now(), monotonic: () => performance.now() } } = parts;
  const metrics = createMetrics();
  const complain = atMostEvery(COMPLAIN_EVERY_MS, clock.monotonic);
  const capBytes = parts.spoolCapBytes ?? SPOOL_CAP_BYTES;

  const writer = new SpoolWriter({
    folder: join(config.dataDir, 'spool'),
    capBytes,
    onDropped(reason, error) {
      metrics.spoolDropped.inc({ reason });
      complain('spool', () =>
        log.error({ reason, err: error }, 'request log records are being LOST: the spool cannot take them'),
      );
    },
  });
  const ingest = new Ingest(pools.hot);
  const shipper = new SpoolShipper({
    writer,
    write: (batch) => ingest.write(batch),
    forget: () => ingest.forget(),
    isBusy: () => deps.lane.held.isBusy,
    onError(error) {
      metrics.ingestFailures.inc();
      complain('ingest', () =>
        log.error({ err: error }, 'the request log cannot be written to Postgres; it waits on disk'),
      );
    },
    onRejected: (error) =>
      log.error({ err: error }, 'Postgres refused a request log record; it is in spool/rejected.jsonl'),
  });

  const prices = { book: new PriceBook([]) };
  const keyRing = new KeyRing({
    hmac: (secret) => secrets.hmacKey(secret),
    load: () => loadActiveKeys(pools.hot),
    find: (hmac) => findActiveKey(pools.hot, hmac),
    now: clock.monotonic,
  });
  const policy = { current: shippedPolicy() };
  const probes: { current: ProbeSettings } = { current: NO_PROBES };
  const laneClock = new LaneClock(clock.monotonic);
  const owner = `${process.pid}-${randomBytes(6).toString('hex')}`;
  const laneStore = postgresLaneStore(pools.lane, secrets, parts.upstreamId, {
    name: owner,
    now: () => laneClock.now(),
  });
  const spend = new SpendToday(pools.analytics, parts.upstreamId, clock.monotonic);
  const snapshots = new EstimateSnapshots(pools.analytics, clock.monotonic);
  const estimates = new Estimates({
    async load() {
      const { timeZone } = policy.current;
      const fresh = await loadEstimates(pools.analytics, parts.upstreamId, laneClock.now(), { timeZone, spend });
      return snapshots.keep(fresh);
    },
    monotonic: clock.monotonic,
    everyMs: ESTIMATES_EVERY_MS,
  });
  const budgets = new Budgets((month) => loadSpend(pools.hot, month), clock.now);
  const prefixes = new SharedPrefixes({
    watch: new PrefixWatch(),
    store: new PrefixSightings(pools.hot, parts.upstreamId, owner),
    now: clock.now,
    onError: (error) =>
      complain('prefixes', () => log.warn({ err: error }, 'what was seen of prompt caches is not shared for now')),
  });
  const health = { database: 'up' as 'up' | 'down' };
  const live = new LiveTables({
    sql: pools.hot,
    canListen: pools.canListen,
    log,
    refresh: {
      keys: () => keyRing.refresh(),
      prices: async () => {
        prices.book = await loadPriceBook(pools.admin);
      },
      policy: async () => {
        policy.current = await loadPolicy(pools.admin);
      },
      probes: async () => {
        probes.current = await readProbeSettings(pools.admin);
      },
    },
    async everyPoll() {
      await laneClock.sync(() => laneStore.now());
      await budgets.refresh();
      await prefixes.refresh();
      estimates
        .refresh()
        .catch((error: unknown) =>
          complain('estimates', () => log.warn({ err: error }, 'what was measured could not be read')),
        );
    },
    onHealth(up) {
      health.database = up ? 'up' : 'down';
    },
  });

  const deps: Deps & { live: LiveTables } = {
    version: parts.version,
    config,
    origin: parts.origin,
    adminOrigin: parts.adminOrigin,
    isOwnOrigin: (origin) => isOwnOrigin(origin, parts.adminOrigin, parts.adminPort),
    log,
    clock,
    newId: idMaker(clock.now),
    secrets,
    pools,
    keyRing,
    budgets,
    policy,
    probes,
    upstreamId: parts.upstreamId,
    estimates,
    prefixes,
    lane: {
      store: laneStore,
      held: new HeldCallers(() => deps, parts.hold),
      owner,
      get isReady() {
        return laneClock.isSet;
      },
      now: () => laneClock.now(),
      hasWork: () => undefined,
      accepted: new Set(),
    },
    heldKeys: new HeldKeys({
      sql: pools.hot,
      owner,
      now: () => laneClock.now(),
      monotonic: clock.monotonic,
      onUntold: (error) =>
        complain('keys', () => log.warn({ err: error }, 'the outcome of an idempotency key is kept in memory for now')),
      onLost: () =>
        complain('lost keys', () =>
          log.error({}, 'outcomes of idempotency keys are LOST: memory holds no more of them'),
        ),
    }),
    prices,
    spool: { writer, shipper, capBytes },
    bodies: new Bodies(pools.hot, secrets, (error) =>
      complain('bodies', () => log.warn({ err: error }, 'a body was not stored')),
    ),
    clientBatches: new ClientBatches(pools.admin),
    upstream,
    metrics,
    calls: { running: 0, most: parts.mostCalls ?? MOST_CALLS, byCaller: new Map() },
    lifecycle: { ready: false, draining: false, cut: false },
    health: {
      get database() {
        return health.database;
      },
      get upstream() {
        return upstream.isReachable ? 'up' : 'down';
      },
    },
    isAdminToken: (token) => sameSecret(token, parts.adminToken),
    onHop: parts.onHop,
    backtest: backtests(pools.url),
    announce: (table) => live.announce(table),
    handle: (exchange) => handleCall(deps, exchange),
    live,
  };
  return deps;
}

function sameSecret(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

function atMostEvery(ms: number, now: () => number): (topic: string, act: () => void) => void {
  const last = new Map<string, number>();
  return (topic, act) => {
    const at = last.get(topic);
    if (at !== undefined && now() - at < ms) return;
    last.set(topic, now());
    act();
  };
}
