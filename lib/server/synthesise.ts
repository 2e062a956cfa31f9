import { FLEET } from '@/lib/core/synth/agents';
import { type TrafficPart, traffic } from '@/lib/core/synth/traffic';
import { connect, openPool } from '@/lib/store/connect';
import { dayOf } from '@/lib/store/partitions';
import { loadPriceBook, seedShippedPrices } from '@/lib/store/prices';
import { PastLog } from '@/lib/store/synth/past-log';
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

/** Writes a simulated past, as the same rows that the log of real calls is made of and labelled as the simulator's. */
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
    const past = new PastLog(sql);
    let done = 0;
    const tell = (more: number) => {
      const before = done;
      done += more;
      if (Math.floor(done / TELL_EVERY) > Math.floor(before / TELL_EVERY)) onProgress(done);
    };
    let batchesWritten: Promise<void> = Promise.resolve();
    const parts = byDay(traffic({ requests, seed, from, to, book, keys }, PART), (batches) => {
      batchesWritten = batchesWritten.then(() => writeSynthBatches(sql, upstreamId, batches));
      batchesWritten.catch(() => undefined);
    });
    for (let next = parts.next(); !next.done; ) {
      const { day } = next.value;
      const ofDay = function* () {
        for (; !next.done && next.value.day === day; next = parts.next()) yield next.value.requests;
      };
      await past.writeDay(day, ofDay(), tell);
      await batchesWritten;
    }
    await sql`analyze requests, attempts, batches`;
  } finally {
    await sql.end({ timeout: 5 });
    await pools.close();
  }
}

/** Parts of the traffic, cut at midnight (UTC). */
function* byDay(parts: Iterable<TrafficPart>, onBatches: (batches: TrafficPart['batches']) => void) {
  for (const { requests, batches } of parts) {
    if (batches.length > 0) onBatches(batches);
    for (let from = 0; from < requests.length; ) {
      const day = dayOf(requests[from]?.opened.arrivedAt ?? 0);
      const next = requests.findIndex(({ opened }, i) => i > from && dayOf(opened.arrivedAt) !== day);
      const to = next === -1 ? requests.length : next;
      yield { day, requests: requests.slice(from, to) };
      from = to;
    }
  }
}
