import { join, resolve } from 'node:path';
import { choosePlace, type Place } from './choose-place';
import { createCluster, hasCluster, refuseOtherMajor, resetPassword, writeSettings } from './create-cluster';
import { explainFileError, prepareDataDir } from './data-dir';
import { freePort } from './free-port';
import { endLeftovers } from './leftovers';
import { lockPath } from './lock-data-dir';
import { openLogFile } from './log-file';
import { cannotStart, type Postmaster, PostmasterFailed, startPostmaster } from './postmaster';
import { locateServerFiles } from './server-files';
import { newPassword, readServerRecord, type ServerRecord, writeServerRecord } from './server-record';
import { type Restart, supervise } from './supervise';

export interface EmbeddedPostgres {
  /** `postgres://offpeak:<password>@127.0.0.1:<port>/offpeak`; stays right over restarts. */
  url: string;
  port: number;
  /** Folder of the cluster. */
  location: string;
  /** Of the server process; `undefined` while it is down. */
  pid(): number | undefined;
  /** Fast shutdown, then harder after 15 s and 20 s. May be called twice. */
  stop(): Promise<void>;
}

export interface EmbeddedPostgresOptions {
  dataDir: string;
  /** One line per event that an operator may want to know; nothing on a plain start. */
  log?: (line: string) => void;
  /** The server died and accepts connections again. */
  onRestart?: (restart: Restart) => void;
  /** The server's files, if not those of npm's package for this platform. */
  native?: string;
  /** `false` leaves out user namespaces, as on a system that refuses them. */
  userNamespaces?: boolean;
}

/**
 * Starts the PostgreSQL that npm brought, on the loopback, with its cluster below `dataDir`, and starts it again when it
 * dies. A server that a killed Offpeak left behind is stopped first; a cluster that was never finished is made again.
 * @throws StartError with the sentence for the user.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { log = () => {}, onRestart = () => {}, userNamespaces = true } = options;
  const dataDir = resolve(options.dataDir);
  await prepareDataDir(dataDir);
  const undo: (() => void)[] = [];
  try {
    const before = await readServerRecord(dataDir);
    const native = options.native ?? locateServerFiles();
    const place = await choosePlace({ dataDir, lastLocation: before?.location, native, userNamespaces, log });
    const { clusterDir } = place;
    const lock = await lockPath(
      `${clusterDir}.lock`,
      (pid) => `The database in ${clusterDir} is in use by process ${pid}; stop it or set OFFPEAK_DATA_DIR.`,
    );
    undo.push(() => lock.release());
    const orphan = await endLeftovers(clusterDir);
    if (orphan !== undefined) log(`Stopped the PostgreSQL (process ${orphan}) that an earlier Offpeak left running.`);

    const record = await prepareCluster(dataDir, place, before);
    const logFile = openLogFile(join(dataDir, 'postgres.log'));
    undo.push(() => logFile.close());
    const running = await startOnFreePort(record, (port) => startPostmaster(place, port, logFile)).catch(
      (error: unknown) => Promise.reject(cannotStart(error, clusterDir, logFile.path)),
    );
    const supervised = supervise({
      running,
      start: async () => {
        await endLeftovers(clusterDir);
        return startPostmaster(place, record.port, logFile);
      },
      log,
      onRestart,
    });
    await writeServerRecord(dataDir, record);

    const end = async () => {
      await supervised.stop();
      for (const step of undo.reverse()) step();
    };
    let ended: Promise<void> | undefined;
    return {
      url: `postgres://offpeak:${record.password}@127.0.0.1:${record.port}/offpeak`,
      port: record.port,
      location: clusterDir,
      pid: supervised.pid,
      stop: () => {
        ended ??= end();
        return ended;
      },
    };
  } catch (error) {
    for (const step of undo.reverse()) step();
    throw explainFileError(error, dataDir);
  }
}

async function prepareCluster(dataDir: string, place: Place, before: ServerRecord | undefined): Promise<ServerRecord> {
  const record = {
    port: before?.port ?? 0,
    password: before?.password ?? newPassword(),
    location: place.clusterDir,
  };
  // Written before it is set in the cluster: a password that only the cluster knows would be lost.
  if (!before) await writeServerRecord(dataDir, record);
  if (!hasCluster(place.clusterDir)) {
    await createCluster(place, record.password);
  } else {
    await refuseOtherMajor(place);
    if (before) await writeSettings(place);
    else await resetPassword(place, record.password);
  }
  return record;
}

/** Sets `record.port` to the one that the server got: the last one if it is free. */
async function startOnFreePort(
  record: ServerRecord,
  start: (port: number) => Promise<Postmaster>,
): Promise<Postmaster> {
  for (let tries = 1; ; tries++) {
    record.port = await freePort(tries === 1 ? record.port : 0);
    try {
      return await start(record.port);
    } catch (error) {
      if (!(error instanceof PostmasterFailed) || !error.portTaken || tries === 5) throw error;
    }
  }
}
