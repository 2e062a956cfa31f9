import type { Sql, TransactionSql } from 'postgres';
import { DAY_MS } from '@/lib/core/duration';
import { uuidFloor } from '@/lib/core/ids';
import { ATTEMPT_COLUMNS, attemptColumns } from '@/lib/store/attempts';
import { copyRows } from '@/lib/store/copy-rows';
import { Ingest, noteLastUses } from '@/lib/store/ingest';
import { type LoggedRequest, REQUEST_COLUMNS, requestColumns } from '@/lib/store/log-row';
import { attachPartition, ensurePartitions, isRace, partitionName } from '@/lib/store/partitions';
import { QUARTER_MS } from '@/lib/store/rollups/grains';
import { servedUpstream } from '@/lib/store/upstreams';

const TABLES = ['requests', 'attempts'] as const;

type Parts = Iterable<readonly LoggedRequest[]>;
type OnPart = (requests: number) => void;

/**
 * Writes a simulated past, in parts that lie within one UTC day each. A day that the log does not have yet is made beside
 * it, filled and attached whole: without the indexes' upkeep and, where nothing replicates, without the write-ahead log.
 * Any other day goes through `Ingest`. Either way the rows are the same.
 */
export class PastLog {
  readonly #ingest: Ingest;

  constructor(private readonly sql: Sql) {
    this.#ingest = new Ingest(sql, true);
  }

  /** @param parts of one day, in any order. @param onPart is told how many requests each part had. */
  async writeDay(day: number, parts: Parts, onPart: OnPart): Promise<void> {
    const isNew = await this.sql.begin(async (tx) => {
      if (!(await beginDay(tx, day))) return false;
      await this.#fill(tx, day, parts, onPart);
      for (const table of TABLES) {
        const [from, to] = [uuidFloor(day * DAY_MS), uuidFloor((day + 1) * DAY_MS)];
        await attachPartition(tx, table, partitionName(table, day), from, to);
      }
      return true;
    });
    if (isNew) return ensurePartitions(this.sql, [day]);
    for (const part of parts) {
      await this.#ingest.write(part);
      onPart(part.length);
    }
  }

  async #fill(tx: TransactionSql, day: number, parts: Parts, onPart: OnPart): Promise<void> {
    const upstreams = new Map<string, number>();
    const marks = new Map<string, { upstream_id: number; at: Date }>();
    const spend = new Map<string, { key_id: string; month: string; pico: bigint }>();
    let copied: Promise<void> = Promise.resolve();
    try {
      for (const part of parts) {
        for (const { opened } of part) {
          if (!upstreams.has(opened.upstream)) {
            upstreams.set(opened.upstream, await servedUpstream(this.sql, opened.upstream, opened.simulated));
          }
        }
        const requests = part.map((one) => {
          const upstreamId = upstreams.get(one.opened.upstream) ?? 0;
          const at = one.opened.arrivedAt - (one.opened.arrivedAt % QUARTER_MS);
          if (one.opened.endpoint === 'messages')
            marks.set(`${upstreamId}/${at}`, { upstream_id: upstreamId, at: new Date(at) });
          return requestColumns(one, upstreamId);
        });
        const attempts = part.flatMap(({ opened, closed }) =>
          closed.attempts.map((attempt) => attemptColumns({ opened, attempt })),
        );
        for (const { key_id, month, cost_pico } of attempts) {
          if (key_id === null || cost_pico === null) continue;
          const known = spend.get(`${key_id}/${month}`) ?? { key_id, month, pico: 0n };
          known.pico += BigInt(cost_pico);
          spend.set(`${key_id}/${month}`, known);
        }
        // While Postgres takes one part the next is made.
        await copied;
        copied = (async () => {
          await copyRows(tx, partitionName('requests', day), REQUEST_COLUMNS, requests);
          await copyRows(tx, partitionName('attempts', day), ATTEMPT_COLUMNS, attempts);
          await noteLastUses(tx, part);
          onPart(part.length);
        })();
        copied.catch(() => undefined);
        // So that it is on its way before the next part takes the processor.
        await new Promise((resolve) => setImmediate(resolve));
      }
    } finally {
      // In the middle of a COPY a transaction cannot be rolled back.
      await copied.catch(() => undefined);
    }
    await copied;
    await tx`
      insert into rollup_marks (upstream_id, grain, at)
      select upstream_id, 15, at from jsonb_to_recordset(${JSON.stringify([...marks.values()])}::text::jsonb)
        as r(upstream_id smallint, at timestamptz)`;
    await tx`
      insert into key_spend (key_id, month, spent_pico)
      select key_id, month, pico from jsonb_to_recordset(${JSON.stringify(
        [...spend.values()].filter(({ pico }) => pico > 0n).map((one) => ({ ...one, pico: one.pico.toString() })),
      )}::text::jsonb) as r(key_id uuid, month text, pico bigint) order by key_id, month
      on conflict (key_id, month) do update set spent_pico = key_spend.spent_pico + excluded.spent_pico`;
  }
}

/** Makes the day's tables, apart from the log; `false`: there is such a day already, or another process is making it. */
async function beginDay(tx: TransactionSql, day: number): Promise<boolean> {
  const names = TABLES.map((table) => partitionName(table, day));
  const [found] = await tx<{ there: boolean }[]>`
    select bool_or(to_regclass(name) is not null) as there from unnest(${names}::text[]) as name`;
  if (found?.there !== false) return false;
  try {
    await tx.savepoint(async (made) => {
      for (const table of TABLES) {
        await made.unsafe(
          `create table "${partitionName(table, day)}" (like "${table}" including all excluding indexes)`,
        );
      }
    });
    return true;
  } catch (error) {
    if (isRace(error)) return false;
    throw error;
  }
}
