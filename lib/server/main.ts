import { Console } from 'node:console';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Deps, publishDeps } from '@/lib/deps';
import { type Config, readEnv } from '@/lib/env';
import { createLog, type Logger } from '@/lib/log';
import { newSecret, Secrets } from '@/lib/secrets';
import { connect } from '@/lib/store/connect';
import { createLoginCode } from '@/lib/store/sessions';
import { buildDeps } from './build-deps';
import { buildIfStale } from './build-if-stale';
import { chooseUpstream, refuseLoop, refuseOwnAddress } from './choose-upstream';
import { loadDataSecrets } from './data-secrets';
import { startHousekeeping } from './housekeeping';
import { openDatabase } from './open-database';
import { openPorts } from './open-ports';
import { lockDataDir } from './postgres/lock-data-dir';
import { preparePages } from './prepare-pages';
import { clearRunning, writeRunning } from './running-file';
import { seed } from './seed';
import { drain } from './shutdown';
import { isStartError } from './start-error';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/**
 * The start, in order; what was opened is closed in reverse, whether the start fails half-way or a signal ends it:
 *
 *   environment → data folder → build → database, migrated → upstream → wiring → port → pages → ready
 */
async function main(isDev: boolean): Promise<void> {
  // stdout belongs to the four lines below; whatever a library prints goes to stderr.
  globalThis.console = new Console(process.stderr, process.stderr);
  const config = readEnv();
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
    const deps = await start(config, log, isDev, closers);
    stop = async () => {
      await drain(deps.deps, deps.servers, config.drainMs);
      await closeAll();
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

async function start(config: Config, log: Logger, isDev: boolean, closers: (() => Promise<unknown> | unknown)[]) {
  const lock = await lockDataDir(config.dataDir);
  closers.push(() => lock.release());
  const generated = await loadDataSecrets(config.dataDir);
  const root = {
    secretKey: config.secretKey ?? generated.secretKey,
    adminToken: config.adminToken ?? generated.adminToken,
  };
  const secrets = new Secrets(root.secretKey);
  if (!isDev) await buildIfStale(ROOT, (line) => log.info(line));

  // Next loads while the database starts.
  const pagesSoon = preparePages({ root: ROOT, isDev });
  pagesSoon.catch(() => undefined);
  const database = await openDatabase(config, log, `${ROOT}drizzle`);
  closers.push(() => database.stop());
  const pools = connect(database.url);
  closers.push(() => pools.close());
  const { firstKey } = await seed(config, pools, secrets, root);
  const { upstream, close } = await chooseUpstream(config);
  closers.push(close);

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
    version: await readVersion(),
    config,
    origin,
    adminOrigin,
    adminPort: ports.adminPort,
    log,
    secrets,
    adminToken: root.adminToken,
    pools,
    upstream,
    onHop: (hop) => {
      cameBack ||= hop === nonce;
    },
  });
  deps = wired;
  publishDeps(wired);
  await refuseLoop(upstream, nonce, () => cameBack);
  await wired.live.start();
  closers.push(() => wired.live.stop());
  wired.spool.shipper.start();
  closers.push(() => wired.spool.shipper.stop());
  closers.push(startHousekeeping(wired));

  const code = newSecret('opc_');
  await createLoginCode(pools.admin, secrets.hmacSession(code), new Date());
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

async function readVersion(): Promise<string> {
  const { version } = JSON.parse(await readFile(`${ROOT}package.json`, 'utf8')) as { version: string };
  return version;
}

function once(act: () => Promise<unknown>): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    act().catch(fail);
  };
}

function fail(error: unknown): void {
  if (isStartError(error)) process.stderr.write(`${error.message}\n`);
  else createLog().fatal({ err: error }, 'Offpeak could not start');
  process.exit(1);
}

main(process.argv.includes('--dev')).catch(fail);
