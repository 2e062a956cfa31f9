import { type Offpeak, startOffpeak } from '@/e2e/process/start-offpeak';
import { DAY_MS } from '@/lib/core/duration';
import { readServerRecord } from '@/lib/server/postgres/server-record';
import { synthesise } from '@/lib/server/synthesise';

const REQUESTS = 12_000;

/** An Offpeak whose log holds a simulated week with batches that took minutes, as `npm run synth` writes it. */
export async function startSimulatedWeek(): Promise<Offpeak> {
  const offpeak = await startOffpeak();
  const server = await readServerRecord(offpeak.dataDir);
  if (!server) throw new Error('the embedded Postgres left no record');
  const to = Date.now();
  await synthesise(
    `postgres://offpeak:${server.password}@127.0.0.1:${server.port}/offpeak`,
    { requests: REQUESTS, seed: 7, from: to - 7 * DAY_MS, to },
    () => undefined,
  );
  return offpeak;
}
