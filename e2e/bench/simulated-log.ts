import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Offpeak, startOffpeak, stopEveryOffpeak } from '@/e2e/process/start-offpeak';
import { DAY_MS } from '@/lib/core/duration';
import { startEmbeddedPostgres } from '@/lib/server/postgres/start-embedded-postgres';
import { synthesise } from '@/lib/server/synthesise';
import { openPool } from '@/lib/store/connect';
import { migrate } from '@/lib/store/migrate';
import { rebuild } from '@/lib/store/rollups/rebuild';

const LOG_RETENTION = '100d';

/** An Offpeak whose log holds so many simulated requests over so many days, in a data folder that goes afterwards. */
export async function withSimulatedLog<T>(
  { requests, days }: { requests: number; days: number },
  use: (offpeak: Offpeak) => Promise<T>,
): Promise<T> {
  const dataDir = await mkdtemp(join(tmpdir(), 'offpeak-bench-'));
  try {
    await prepare(dataDir, requests, days);
    const env = { OFFPEAK_UPSTREAM_URL: 'simulator', OFFPEAK_LOG_RETENTION: LOG_RETENTION };
    return await use(await startOffpeak({ dataDir, env }));
  } finally {
    await stopEveryOffpeak();
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function prepare(dataDir: string, requests: number, days: number): Promise<void> {
  const cluster = await startEmbeddedPostgres({ dataDir });
  try {
    await migrate(cluster.url, fileURLToPath(new URL('../../drizzle', import.meta.url)));
    const to = Date.now();
    const startedAt = performance.now();
    await synthesise(cluster.url, { requests, seed: 1, from: to - days * DAY_MS, to }, () => undefined);
    const writtenAt = performance.now();
    const sql = openPool(cluster.url, { name: 'bench', max: 1, statementTimeoutMs: 600_000, pipeline: 100 });
    await rebuild(sql, { now: () => Date.now(), monotonic: () => performance.now(), tagNames: null });
    await sql.end({ timeout: 5 });
    const perSecond = (from: number, until: number) => Math.round(requests / ((until - from) / 1_000));
    process.stderr.write(
      `written at ${perSecond(startedAt, writtenAt)}, rolled up at ${perSecond(writtenAt, performance.now())} requests a second\n`,
    );
  } finally {
    await cluster.stop();
  }
}
