import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type Deps, publishDeps } from '@/lib/deps';
import type { Config } from '@/lib/env';
import { createLog, type Logger } from '@/lib/log';
import { newSecret, Secrets } from '@/lib/secrets';
import { connect } from '@/lib/store/connect';
import { createLoginCode } from '@/lib/store/sessions';
import { upstreamNumber } from '@/lib/store/upstreams';
import { startAlerts } from './alerts/start-alerts';
import { buildDeps } from './build-deps';
import { chooseUpstream, refuseLoop, refuseOwnAddress } from './choose-upstream';
import { loadDataSecrets } from './data-secrets';
import { hearLaneHints } from './hear-lane-hints';
import { startHousekeeping } from './housekeeping';
import { startLane } from './lane-loop';
import { openDatabase } from './open-database';
import { openPorts } from './open-ports';
import { patiently } from './patiently';
import { lockDataDir } from './postgres/lock-data-dir';
import { preparePages } from './prepare-pages';
import { startRollups } from './rollup-loop';
import { clearRunning, writeRunning } from './running-file';
import { seed } from './seed';
import { drain } from './shutdown';

export interface ServeOptions {
  /** Folder of the sources, with a slash at its end. */
  root: string;
  config: Config;
  isDev: boolean;
}

/**
 * The start, in order; what was opened is closed in reverse, whether the start fails half-way or a signal ends it:
 *
 *   environment → build → data folder → database, migrated → upstream → wiring → port → pages → ready
 */
export async function serve(options: ServeOptions): Promise<void> {
  const log = createLog();
  const closers: (() => Promise<unknown> | unknown)[] = [];
  const closeAll = async () => {
    for (const close of closers.reverse()) await close();
  };
  // Until serving begins a signal ends the start where it stands.
  let stop = closeAll;
  const onSignal = once(() => stop().then(() => process.exit(0)));
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
  process.on('unhandledRejection', (error) => log.error({ err: error }, 'unhandled rejection'));
  try {
    const deps = await start(options, log, closers);
    stop = async () => {
      await drain(deps.deps, deps.servers, options.config.drainMs);
      await closeAll();
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

async function start(
  { root: folder, config, isDev }: ServeOptions,
  log: Logger,
  closers: (() => Promise<unknown> | unknown)[],
) {
  const lock = await lockDataDir(config.dataDir);
  closers.push(() => lock.release());
  const generated = await loadDataSecrets(config.dataDir);
  const root = {
    secretKey: config.secretKey ?? generated.secretKey,
    adminToken: config.adminToken ?? generated.adminToken,
  };
  const secrets = new Secrets(root.secretKey);

  // Next loads while the database starts.
  const pagesSoon = preparePages({ root: folder, isDev });
  pagesSoon.catch(() => undefined);
  const database = await openDatabase(config, log, `${folder}drizzle`);
  closers.push(() => database.stop());
  const pools = connect(database.url);
  closers.push(() => pools.close());
  const { firstKey } = await patiently(log, () => seed(config, pools, secrets, root));
  const { upstream, close } = await chooseUpstream(config);
  closers.push(close);
  const upstreamName = upstream.simulated ? 'simulator' : upstream.origin;
  const upstreamId = await patiently(log, () => upstreamNumber(pools.hot, upstreamName, upstream.simulated));

  let deps: Deps | null = null;
  const pages = await pagesSoon;
  closers.push(() => pages.close());
  const ports = await openPorts(config, pages, () => deps, isDev);
  closers.push(() => ports.close());
  const { origin, adminOrigin } = ports;
  refuseOwnAddress({ ...config, port: ports.port }, origin);

  const nonce = randomBytes(12).toString('hex');
  let cameBack = false;
  const wired = buildDeps({
    version: await readVersion(folder),
    config,
    origin,
    adminOrigin,
    adminPort: ports.adminPort,
    log,
    secrets,
    adminToken: root.adminToken,
    pools,
    upstream,
    upstreamId,
    onHop: (hop) => {
      cameBack ||= hop === nonce;
    },
  });
  deps = wired;
  publishDeps(wired);
  await refuseLoop(upstream, nonce, () => cameBack);
  await patiently(log, () => wired.live.start());
  closers.push(() => wired.live.stop());
  closers.push(() => wired.prefixes.stop());
  wired.spool.shipper.start();
  closers.push(() => wired.spool.shipper.stop());
  wired.lane.held.start();
  closers.push(() => wired.lane.held.stop());
  closers.push(() => wired.heldKeys.stop());
  closers.push(await hearLaneHints(wired));
  if (config.role !== 'web') {
    const loop = startLane(wired);
    wired.lane.hasWork = loop.hasWork;
    closers.push(() => loop.stop());
    closers.push(startRollups(wired));
  }
  closers.push(startHousekeeping(wired));
  closers.push(startAlerts(wired));

  const code = await patiently(log, async () => {
    const made = newSecret('opc_');
    await createLoginCode(pools.admin, secrets.hmacSession(made), new Date());
    return made;
  });
  await writeRunning(config.dataDir, { pid: process.pid, origin: adminOrigin, databaseUrl: database.url });
  closers.push(() => clearRunning(config.dataDir));
  wired.lifecycle.ready = true;
  const lines = [
    `Offpeak ready on ${origin}`,
    `Login: ${adminOrigin}/login#${code}`,
    ...(firstKey ? [`API key: ${firstKey}`] : []),
    ...(upstream.simulated ? ['Simulated upstream: no ANTHROPIC_API_KEY'] : []),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  return { deps: wired, servers: ports.servers };
}

async function readVersion(folder: string): Promise<string> {
  const { version } = JSON.parse(await readFile(`${folder}package.json`, 'utf8')) as { version: string };
  return version;
}

function once(act: () => Promise<unknown>): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    act().catch((error: unknown) => {
      createLog().fatal({ err: error }, 'the stop failed');
      process.exit(1);
    });
  };
}
