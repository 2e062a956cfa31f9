import type { z } from 'zod';
import type { BacktestAnswer } from '@/lib/contract/policy-backtest';
import type { Clock } from '@/lib/core/clock';
import type { Policy } from '@/lib/core/decide';
import type { Uuid } from '@/lib/core/ids';
import type { PolicyDocument } from '@/lib/core/policy/document';
import type { PriceBook } from '@/lib/core/pricing';
import type { ProbeSettings } from '@/lib/core/probing';
import type { TimeRange } from '@/lib/core/time-range';
import type { Config } from '@/lib/env';
import type { Budgets } from '@/lib/gateway/budgets';
import type { Estimates } from '@/lib/gateway/estimates';
import type { Exchange } from '@/lib/gateway/exchange';
import type { HeldCallers } from '@/lib/gateway/held-callers';
import type { HeldKeys } from '@/lib/gateway/held-keys';
import type { KeyRing } from '@/lib/gateway/key-ring';
import type { SharedPrefixes } from '@/lib/gateway/shared-prefixes';
import type { Logger } from '@/lib/log';
import type { Metrics } from '@/lib/metrics';
import type { Secrets } from '@/lib/secrets';
import type { Bodies } from '@/lib/store/bodies';
import type { ClientBatches } from '@/lib/store/client-batches';
import type { Pools } from '@/lib/store/connect';
import type { LaneStore } from '@/lib/store/lane/lane-store';
import type { UpstreamScope } from '@/lib/store/request-filter';
import type { SpoolShipper } from '@/lib/store/spool/spool-shipper';
import type { SpoolWriter } from '@/lib/store/spool/spool-writer';
import type { Upstream } from '@/lib/upstream/upstream';

/** Everything that a verb needs of the world. Built once per process by `lib/server/main`; tests build their own. */
export interface Deps {
  version: string;
  config: Config;
  /** Where clients reach the proxy. */
  origin: string;
  /** Where operators reach pages and the admin API: the same, unless they have a port of their own. */
  adminOrigin: string;
  /** Whether a page of this origin is ours: the public one, or a loopback name of our own port. */
  isOwnOrigin(origin: string): boolean;
  log: Logger;
  clock: Clock;
  newId(): Uuid;
  secrets: Secrets;
  pools: Pools;
  keyRing: KeyRing;
  budgets: Budgets;
  /** The policy in force; replaced as a whole when one is published. */
  policy: { current: Policy };
  probes: { current: ProbeSettings };
  /** Number of the upstream in the database. */
  upstreamId: number;
  estimates: Estimates;
  prefixes: SharedPrefixes;
  lane: LaneFace;
  heldKeys: HeldKeys;
  /** The current price table; replaced as a whole when a row is added. */
  prices: { book: PriceBook };
  spool: { writer: SpoolWriter; shipper: SpoolShipper; capBytes: number };
  bodies: Bodies;
  clientBatches: ClientBatches;
  upstream: Upstream;
  metrics: Metrics;
  /** Calls that have not ended, waiting ones included, by key or own credential too; one above `most` hears 529. */
  calls: { running: number; readonly most: number; readonly byCaller: Map<string, number> };
  /** Set by SIGTERM: not ready, no new work. */
  lifecycle: {
    ready: boolean;
    draining: boolean /** The grace is over: calls still under way are being cut. */;
    cut: boolean;
  };
  /** What the last check of each part said. */
  readonly health: { readonly database: 'up' | 'down'; readonly upstream: 'up' | 'down' };
  backtest: RunBacktest;
  /** Tells every replica, this one included, that keys or prices have changed. */
  announce(change: 'keys' | 'prices' | 'policy' | 'probes'): Promise<void>;
  /** Compares in constant time with the token of the built-in operator. */
  isAdminToken(token: string): boolean;
  /** A probe arrived that carries this `x-offpeak-hop`: our own one means that we are our own upstream. */
  onHop(nonce: string): void;
  /** Answers one `/v1` call, whichever door it came through. */
  handle(exchange: Exchange): Promise<void>;
}

/** What a document would have decided for the calls of a range, in a thread of its own. Rejects when `signal` aborts. */
export type RunBacktest = (
  job: { document: PolicyDocument; upstream: UpstreamScope; range: TimeRange; now: number },
  watch: { signal: AbortSignal; onProgress(progress: { done: number; total: number }): void },
) => Promise<z.output<typeof BacktestAnswer>>;

/** What the gateway needs of the batch lane. */
export interface LaneFace {
  store: LaneStore;
  held: HeldCallers;
  /** This process, in leases. */
  owner: string;
  /** Postgres has told its time: items can be taken. */
  readonly isReady: boolean;
  /** Unix ms of Postgres' clock. */
  now(): number;
  /** Something was queued here: the next turn comes soon. */
  hasWork(): void;
  /** Callers' own credentials, by hash, that upstream has accepted. */
  accepted: Set<string>;
}

/** Next's bundle holds its own copy of every module: the process-wide registry of symbols is the one meeting point. */
const SLOT = Symbol.for('offpeak.deps');

export function publishDeps(deps: Deps): void {
  (globalThis as Record<symbol, unknown>)[SLOT] = deps;
}

/** @throws when called before `lib/server/main` has built them. */
export function currentDeps(): Deps {
  const deps = (globalThis as Record<symbol, unknown>)[SLOT];
  if (!deps) throw new Error('Offpeak is started by lib/server/main, not by Next alone');
  return deps as Deps;
}
