import { mkdtemp, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '@/lib/core/clock';
import { parseRequestId } from '@/lib/core/ids';
import type { Deps } from '@/lib/deps';
import { readEnv } from '@/lib/env';
import { HOLD, type HoldPace } from '@/lib/gateway/hold-pace';
import type { Pacing } from '@/lib/lane/pacing';
import { createLog } from '@/lib/log';
import { Secrets } from '@/lib/secrets';
import { buildDeps } from '@/lib/server/build-deps';
import { hearLaneHints } from '@/lib/server/hear-lane-hints';
import { startLane } from '@/lib/server/lane-loop';
import { listen } from '@/lib/server/listen';
import { createListener } from '@/lib/server/listener';
import type { Pace } from '@/lib/server/read-body';
import { seed } from '@/lib/server/seed';
import type { Crowd } from '@/lib/server/stranger-limit';
import { connect } from '@/lib/store/connect';
import { upstreamNumber } from '@/lib/store/upstreams';
import { type TestDatabase, testDatabase } from '@/lib/testing/test-database';
import { Upstream } from '@/lib/upstream/upstream';
import { removeAtExit } from './child';
import { FaultProxy } from './fault-proxy';
import type { Env } from './start-offpeak';
import { waitFor } from './wait-for';

/** What Offpeak shows its upstream for callers with an Offpeak key. */
export const UPSTREAM_KEY = 'sim-key';
export const CLIENT_KEY = 'opk_e2e-client-key-of-this-run-0';

export interface GatewayOptions {
  upstreamUrl: string;
  env?: Env;
  spoolCapBytes?: number;
  watchdog?: { headersMs: number; idleMs: number };
  pace?: Pace;
  mostHeldBodyBytes?: number;
  crowd?: Crowd;
  mostCalls?: number;
  /** Turns the batch lane in this process, with this pacing. */
  lane?: Partial<Pacing>;
  hold?: Partial<HoldPace>;
  /** Its time, and that of its lane. */
  clock?: Clock;
  /** Another gateway's, which drops it: two processes on one database, as far as the database can tell. */
  database?: TestDatabase;
  /** Hears nothing of what other processes say. */
  isDeaf?: boolean;
  /** Reach the database through a forwarder that can be told to misbehave: `databaseProxy`. */
  faultyDatabase?: boolean;
}

/** The listener and the gateway behind it in this process, on a database of its own and without Next. */
export interface Gateway {
  origin: string;
  port: number;
  deps: Deps;
  /** Reached directly, whatever happens to the gateway's own connections. */
  database: TestDatabase;
  databaseProxy: FaultProxy;
  /** Finished requests of the log, oldest first, once there are `count`. */
  logged(count: number): Promise<LoggedRow[]>;
  /** The log row of an answer's `x-offpeak-request-id`, once it is there. */
  loggedAs(requestId: string | null): Promise<LoggedRow>;
  close(): Promise<void>;
}

export interface LoggedRow {
  id: string;
  endpoint: string;
  state: string;
  http_status: number | null;
  error_type: string | null;
  model: string | null;
  stream: boolean;
  usage: Record<string, unknown> | null;
  cost_pico: string | null;
  waste_pico: string;
  unpriced: boolean;
  upstream_request_id: string | null;
  credential: string | null;
  key_id: string | null;
  tags: Record<string, string>;
  estimated: boolean | null;
}

export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const database = options.database ?? (await testDatabase());
  const dataDir = await mkdtemp(join(tmpdir(), 'offpeak-gateway-'));
  removeAtExit(dataDir);
  const config = readEnv({
    NODE_ENV: 'test',
    PORT: '0',
    OFFPEAK_DATA_DIR: dataDir,
    OFFPEAK_API_KEY: CLIENT_KEY,
    OFFPEAK_UPSTREAM_URL: options.upstreamUrl,
    ANTHROPIC_API_KEY: UPSTREAM_KEY,
    ...options.env,
  });
  const root = { secretKey: 'root-secret-of-the-tests', adminToken: 'opt_admin-token-of-the-tests' };
  const secrets = new Secrets(root.secretKey);
  const url = new URL(database.url);
  const databaseProxy = await FaultProxy.to({ host: url.hostname, port: Number(url.port) });
  url.port = String(databaseProxy.port);
  const hasOwnPools = options.faultyDatabase || options.database;
  const pools = hasOwnPools ? connect(options.faultyDatabase ? url.href : database.url) : database.pools;
  await seed(config, pools, secrets, root);
  const upstream = new Upstream({
    baseUrl: options.upstreamUrl,
    simulated: false,
    credentials: config.upstreamKeys,
    ...(options.watchdog && { watchdog: options.watchdog }),
  });
  const deps = buildDeps({
    version: 'test',
    config,
    origin: 'http://offpeak.test',
    adminOrigin: 'http://offpeak.test',
    adminPort: 80,
    log: createLog('silent'),
    secrets,
    adminToken: root.adminToken,
    pools,
    upstream,
    upstreamId: await upstreamNumber(database.pools.hot, upstream.origin, false),
    ...(options.hold && { hold: { ...HOLD, ...options.hold } }),
    ...(options.clock && { clock: options.clock }),
    onHop: () => undefined,
    ...(options.spoolCapBytes !== undefined && { spoolCapBytes: options.spoolCapBytes }),
    ...(options.mostCalls !== undefined && { mostCalls: options.mostCalls }),
  });
  const { clock } = options;
  if (clock) deps.lane.store.now = async () => clock.now();
  await deps.live.start();
  deps.spool.shipper.start();
  deps.lane.held.start();
  const stopHearing = options.isDeaf ? async () => undefined : await hearLaneHints(deps);
  const lane = options.lane === undefined ? null : startLane(deps, options.lane);
  if (lane) deps.lane.hasWork = lane.hasWork;
  deps.lifecycle.ready = true;
  const server: Server = createListener({
    deps: () => deps,
    next: (_, response) => void response.writeHead(404).end('a page'),
    isDev: false,
    serves: 'all',
    ...(options.pace && { pace: options.pace }),
    ...(options.crowd && { crowd: options.crowd }),
    ...(options.mostHeldBodyBytes !== undefined && { mostHeldBodyBytes: options.mostHeldBodyBytes }),
  });
  const port = await listen(server, '127.0.0.1', 0);
  const origin = `http://127.0.0.1:${port}`;
  deps.origin = origin;
  return {
    origin,
    port,
    deps,
    database,
    databaseProxy,
    logged: (count) =>
      waitFor(`${count} logged requests`, async () => {
        const rows = await allLogged(database);
        return rows.length >= count && rows;
      }),
    loggedAs: (requestId) =>
      waitFor(`the log row of ${requestId}`, async () => {
        const rows = await allLogged(database);
        return rows.find((row) => row.id === parseRequestId(requestId ?? ''));
      }),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await lane?.stop();
      deps.lane.held.stop();
      await deps.heldKeys.stop();
      await stopHearing();
      await deps.spool.shipper.stop();
      await deps.prefixes.stop();
      await deps.live.stop();
      await upstream.close();
      if (pools !== database.pools) await pools.close();
      await databaseProxy.close();
      if (!options.database) await database.drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function allLogged({ pools }: TestDatabase): Promise<LoggedRow[]> {
  return pools.hot<LoggedRow[]>`
    select r.*, (select bool_or(a.estimated) from attempts a where a.request_id = r.id) as estimated
    from requests r order by r.id`;
}
