import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { uuidV7 } from '@/lib/core/ids';
import { fileJournal } from '@/lib/lane/created-journal';
import type { LaneDeps } from '@/lib/lane/lane-deps';
import { PACING, type Pacing } from '@/lib/lane/pacing';
import { laneMemory, tick } from '@/lib/lane/tick';
import { Secrets } from '@/lib/secrets';
import { connect } from '@/lib/store/connect';
import { postgresLaneStore } from '@/lib/store/lane/postgres-lane-store';
import { loadPriceBook } from '@/lib/store/prices';
import { upstreamNumber } from '@/lib/store/upstreams';
import { batchApi } from '@/lib/upstream/batch-api';
import { Upstream } from '@/lib/upstream/upstream';

/** A process that turns the lane and nothing else, with a pacing of its own, until it is killed. */
export interface LaneProcessPlan {
  databaseUrl: string;
  upstreamUrl: string;
  secret: string;
  journal: string;
  pacing: Partial<Pacing>;
  turnEveryMs: number;
}

const NOTHING = { inc: () => undefined, observe: () => undefined, set: () => undefined };

async function main(plan: LaneProcessPlan): Promise<void> {
  const pools = connect(plan.databaseUrl);
  const upstream = new Upstream({ baseUrl: plan.upstreamUrl, simulated: true, credentials: new Map() });
  const upstreamId = await upstreamNumber(pools.hot, upstream.origin, true);
  const owner = `process-${process.pid}`;
  const deps: LaneDeps = {
    store: postgresLaneStore(pools.lane, new Secrets(plan.secret), upstreamId, { name: owner }),
    api: batchApi(upstream, async () => [['x-api-key', 'sk-sim-key']]),
    owner,
    now: Date.now,
    newId: () => uuidV7(Date.now(), randomBytes(10)),
    newNonce: () => randomBytes(12).toString('hex'),
    random: Math.random,
    prices: { book: await loadPriceBook(pools.admin) },
    journal: fileJournal(plan.journal),
    pacing: { ...PACING, ...plan.pacing },
    probing: null,
    wake: () => undefined,
    soon: () => undefined,
    logForgotten: () => undefined,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    metrics: new Proxy({} as LaneDeps['metrics'], { get: () => NOTHING }),
    crash: () => Promise.resolve(),
  };
  const memory = laneMemory(() => null);
  process.stdout.write('turning\n');
  for (;;) {
    await tick(deps, memory).catch(() => undefined);
    await pause(plan.turnEveryMs);
  }
}

await main(JSON.parse(process.argv[2] ?? '{}') as LaneProcessPlan);
