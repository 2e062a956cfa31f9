import { FLEET } from '@/lib/core/synth/agents';
import { type TrafficPart, traffic } from '@/lib/core/synth/traffic';
import { connect, openPool } from '@/lib/store/connect';
import { Ingest } from '@/lib/store/ingest';
import { loadPriceBook, seedShippedPrices } from '@/lib/store/prices';
import { synthKeys } from '@/lib/store/synth/synth-keys';
import { writeSynthBatches } from '@/lib/store/synth/write-batches';
import { upstreamNumber } from '@/lib/store/upstreams';

const PART = 2_000;
const TELL_EVERY = 100_000;

export interface Synthesis {
  requests: number;
  seed: number;
  /** Unix ms. */
  from: number;
  to: number;
}

/** Writes a simulated past, through the same ingest as the log of real calls and labelled as the simulator's. */
export async function synthesise(
  databaseUrl: string,
  { requests, seed, from, to }: Synthesis,
  onProgress: (done: number) => void,
): Promise<void> {
  const pools = connect(databaseUrl);
  const sql = openPool(databaseUrl, { name: 'synth', max: 2, statementTimeoutMs: 60_000, pipeline: 100 });
  try {
    await seedShippedPrices(pools.admin);
    const book = await loadPriceBook(pools.admin);
    const keys = await synthKeys(sql, [...new Set(FLEET.map(({ key }) => key))]);
    const upstreamId = await upstreamNumber(sql, 'simulator', true);
    const ingest = new Ingest(sql, true);
    let done = 0;
    const write = async (part: TrafficPart) => {
      await writeSynthBatches(sql, upstreamId, part.batches);
      await ingest.write(part.requests);
      const before = done;
      done += part.requests.length;
      if (Math.floor(done / TELL_EVERY) > Math.floor(before / TELL_EVERY)) onProgress(done);
    };
    // Two under way: while Postgres takes one part the next is made.
    const parts = traffic({ requests, seed, from, to, book, keys }, PART);
    const writer = async () => {
      for (const part of parts) {
        // Lets the other one send what it has before the next part is made.
        await new Promise((resolve) => setImmediate(resolve));
        await write(part);
      }
    };
    await Promise.all([writer(), writer()]);
    await sql`analyze requests, attempts, batches`;
  } finally {
    await sql.end({ timeout: 5 });
    await pools.close();
  }
}
