import type { Uuid } from '@/lib/core/ids';
import type { ItemOutcome, ItemState } from '@/lib/core/lane-states';
import type { AttemptRecord } from '@/lib/core/request-record';
import { Secrets } from '@/lib/secrets';
import { Ingest } from '@/lib/store/ingest';
import type { Batch, LaneStore, NewItem } from '@/lib/store/lane/lane-store';
import { postgresLaneStore } from '@/lib/store/lane/postgres-lane-store';
import { upstreamNumber } from '@/lib/store/upstreams';
import { closedRecord } from '@/lib/testing/records';
import { type TestDatabase, testDatabase } from '@/lib/testing/test-database';
import { MemoryLaneDatabase } from './memory-lane-database';
import { MemoryLaneStore } from './memory-lane-store';

/** What a test sees of one item beyond what the store tells. */
export interface SeenItem {
  state: ItemState;
  outcome: ItemOutcome | null;
  batchId: Uuid | null;
  customId: string | null;
  caller: string | null;
  isGone: boolean;
  handOvers: number;
  escalateAt: number | null;
}

export interface BookedCost {
  key: string;
  costPico: string | null;
  delivered: boolean;
}

/** One implementation of the lane's store, with two upstreams in one database. */
export interface Bench {
  store: LaneStore;
  other: LaneStore;
  item(id: Uuid): Promise<SeenItem | null>;
  stateOf(batch: Pick<Batch, 'id'>): Promise<Batch['state'] | null>;
  attempts(id: Uuid): Promise<BookedCost[]>;
  /** The log row of a request is written, now. */
  log(item: NewItem, attempts: readonly AttemptRecord[]): Promise<void>;
}

export interface BenchMaker {
  name: string;
  /** A lane that no other test sees. */
  bench(): Promise<Bench>;
  close(): Promise<void>;
}

export async function memoryBenches(): Promise<BenchMaker> {
  return {
    name: 'memory',
    async bench() {
      const db = new MemoryLaneDatabase();
      return {
        store: new MemoryLaneStore(db, 1, Date.now),
        other: new MemoryLaneStore(db, 2, Date.now),
        async item(id) {
          const item = db.items.get(id);
          if (!item) return null;
          const { state, outcome, batchId, customId, caller, goneAt, handOvers, escalateAt } = item;
          return { state, outcome, batchId, customId, caller, isGone: goneAt !== null, handOvers, escalateAt };
        },
        stateOf: async ({ id }) => db.batches.get(id)?.state ?? null,
        attempts: async (id) =>
          [...(db.attempts.get(id)?.values() ?? [])]
            .map(({ key, costPico, delivered }) => ({ key, costPico, delivered }))
            .sort((a, b) => (a.key < b.key ? -1 : 1)),
        log: async ({ opened }, attempts) => db.log(opened, attempts, Date.now()),
      };
    },
    close: async () => undefined,
  };
}

export async function postgresBenches(): Promise<BenchMaker & { database: TestDatabase }> {
  const database = await testDatabase();
  const sql = database.pools.hot;
  const seal = new Secrets('root secret of this test');
  const ingest = new Ingest(sql);
  let upstreams = 0;
  const newStore = async () =>
    postgresLaneStore(sql, seal, await upstreamNumber(sql, `https://${++upstreams}.test`, false));
  return {
    name: 'Postgres',
    database,
    async bench() {
      return {
        store: await newStore(),
        other: await newStore(),
        async item(id) {
          const [row] = await sql<SeenItem[]>`
            select state, outcome, batch_id as "batchId", custom_id as "customId", caller, gone_at is not null as "isGone",
              hand_overs as "handOvers", extract(epoch from escalate_at)::float8 * 1000 as "escalateAt"
            from items where id = ${id}`;
          return row ? { ...row, escalateAt: row.escalateAt === null ? null : Math.round(row.escalateAt) } : null;
        },
        async stateOf({ id }) {
          const [row] = await sql<{ state: Batch['state'] }[]>`select state from batches where id = ${id}`;
          return row?.state ?? null;
        },
        attempts: async (id) => [
          ...(await sql<BookedCost[]>`
            select key, cost_pico as "costPico", delivered from attempts where request_id = ${id} order by key collate "C"`),
        ],
        log: ({ opened }, attempts) => ingest.write([{ opened, closed: closedRecord(opened, { attempts }) }]),
      };
    },
    close: () => database.drop(),
  };
}
