import type { Sql } from 'postgres';
import type { Uuid } from '@/lib/core/ids';
import type { TimeRange } from '@/lib/core/time-range';
import { jsonForPostgres } from './insert-from-json';
import { inRange } from './request-filter';
import type { StoredTally } from './stored-tally';

/** What became of a batch's items so far. */
export interface BatchTally {
  waiting: number;
  earliestDeadlineAt: Date | null;
  delivered: number;
  escalated: number;
  late: number;
  unpriced: number;
  /** In picodollars; `null`: no result is booked of a request that is over. */
  money: { cost: bigint; syncCost: bigint; waste: bigint } | null;
}

/** What is needed of a batch to find its requests. */
export interface TalliedBatch {
  id: Uuid;
  msgbatch_id: string | null;
  created_at: Date;
  /** `null`: something may still change. */
  tally: StoredTally | null;
}

const HOUR_MS = 3_600_000;
const MOST_AT_ONCE = 25;
const NO_TALLIES: ReadonlyMap<Uuid, StoredTally> = new Map();
const NOTHING: StoredTally = {
  results: 0,
  delivered: 0,
  escalated: 0,
  late: 0,
  unpriced: 0,
  cost: '0',
  syncCost: '0',
  waste: '0',
};

/**
 * Counts and money of some batches. Money is that of attempts which are a result of the batch, of requests that are
 * over: what is not fetched yet is neither saved nor wasted.
 */
export async function tallyBatches(sql: Sql, batches: readonly TalliedBatch[]): Promise<Map<Uuid, BatchTally>> {
  const changing = batches.filter(({ tally }) => tally === null);
  const [openRows, overs] =
    changing.length > 0 ? await Promise.all([countOpen(sql, changing), tallyOver(sql, changing)]) : [[], NO_TALLIES];
  const opens = new Map(openRows.map((row) => [row.batch_id, row]));
  return new Map(
    batches.map(({ id, tally: stored }) => {
      const open = opens.get(id);
      const over = stored ?? overs.get(id);
      const tally: BatchTally = {
        waiting: open?.waiting ?? 0,
        earliestDeadlineAt: open?.earliest ?? null,
        delivered: over?.delivered ?? 0,
        escalated: (open?.escalating ?? 0) + (over?.escalated ?? 0),
        late: over?.late ?? 0,
        unpriced: over?.unpriced ?? 0,
        money: over && over.results > 0 ? moneyOf(over) : null,
      };
      return [id, tally];
    }),
  );
}

/**
 * Writes down what became of batches that are closed and of which no item is left that could change it: what is read of
 * them from then on is their own row. Items that nobody waited for are named in the log by their batch before they go.
 * @param before as `LaneStore.purge` has it.
 */
export async function storeTallies(sql: Sql, before: Date): Promise<void> {
  const over = await sql<TalliedBatch[]>`
    select b.id, b.msgbatch_id, b.created_at, b.tally from batches b
    where b.state = 'closed' and b.tally is null and b.closed_at < ${before}
      and not exists (select 1 from items i where i.batch_id = b.id and (i.closed_at is null or i.closed_at >= ${before}))
    order by b.closed_at limit ${MOST_AT_ONCE}`;
  if (over.length === 0) return;
  const ids = over.map(({ id }) => id);
  await nameBatches(sql, ids);
  const tallies = await tallyOver(sql, over);
  const rows = ids.map((id) => ({ id, tally: tallies.get(id) ?? NOTHING }));
  await sql`
    update batches b set tally = t.tally
    from jsonb_to_recordset(${jsonForPostgres(rows)}::text::jsonb) as t(id uuid, tally jsonb)
    where b.id = t.id and b.state = 'closed'`;
}

async function nameBatches(sql: Sql, ids: readonly Uuid[]): Promise<void> {
  const left = await sql<{ id: Uuid; name: string }[]>`
    select i.id, b.msgbatch_id as name from items i join batches b on b.id = i.batch_id
    where i.batch_id = any(${[...ids]}::uuid[]) and b.msgbatch_id is not null`;
  if (left.length === 0) return;
  await sql`
    update requests r set batch_id = l.name
    from unnest(${left.map(({ id }) => id)}::uuid[], ${left.map(({ name }) => name)}::text[]) as l(id, name)
    where r.id = l.id and r.batch_id is null`;
}

/** Where in the log the requests of batches lie that were made then: no call waits longer than a day. */
export function requestsAround(createdAt: readonly Date[]): TimeRange {
  const times = createdAt.map((at) => at.getTime());
  return { from: new Date(Math.min(...times) - 26 * HOUR_MS), to: new Date(Math.max(...times) + HOUR_MS) };
}

function countOpen(sql: Sql, batches: readonly TalliedBatch[]) {
  return sql<{ batch_id: Uuid; waiting: number; escalating: number; earliest: Date }[]>`
    select batch_id, count(*)::int as waiting, (count(*) filter (where state = 'escalating'))::int as escalating,
      min(answer_by) as earliest
    from items where batch_id = any(${batches.map(({ id }) => id)}::uuid[]) and state <> 'done' group by batch_id`;
}

/** As the raw client reads it: a sum of bigints is text, or `null` of no row. */
interface OverRow {
  batch_id: Uuid;
  results: number;
  delivered: number;
  escalated: number;
  late: number;
  unpriced: number;
  cost: string | null;
  sync_cost: string | null;
  waste: string | null;
}

/**
 * Requests that the log says were in the batch, and items of it that nobody waited for: the log does not name their
 * batch, the lane still does. An attempt is the batch's when its key begins with the batch's id.
 */
function sumOver(sql: Sql, batches: readonly TalliedBatch[]) {
  const named = batches.flatMap((batch) => (batch.msgbatch_id === null ? [] : [{ ...batch, name: batch.msgbatch_id }]));
  const range = requestsAround(batches.map((batch) => batch.created_at));
  return sql<OverRow[]>`
    with page as (
      select * from unnest(${named.map(({ id }) => id)}::uuid[], ${named.map(({ name }) => name)}::text[]) as p(id, name)
    ), members as (
      select p.id, p.name, r.id as request_id, r.served_by, r.error_type
      from page p join requests r on r.batch_id = p.name where ${inRange(sql, range)}
      union all
      select p.id, p.name, r.id, r.served_by, r.error_type
      from page p join items i on i.batch_id = p.id join requests r on r.id = i.id
      where i.closed_at is not null and r.batch_id is distinct from p.name and ${inRange(sql, range)}
    )
    select m.id as batch_id, count(a.key)::int as results, (count(*) filter (where a.delivered))::int as delivered,
      (count(*) filter (where m.served_by = 'sync'))::int as escalated,
      (count(*) filter (where a.usage is not null and not a.delivered and m.served_by is distinct from 'batch'
        and m.error_type is distinct from 'not_collected'))::int as late,
      (count(*) filter (where a.usage is not null and a.cost_pico is null))::int as unpriced,
      sum(a.cost_pico) as cost,
      sum(coalesce(a.sync_cost_pico, a.cost_pico)) filter (where a.delivered and a.cost_pico is not null) as sync_cost,
      sum(a.cost_pico) filter (where not a.delivered) as waste
    from members m left join attempts a on a.request_id = m.request_id and starts_with(a.key, m.name || '/')
      and ${inRange(sql, range, sql`a.request_id`)}
    group by m.id`;
}

async function tallyOver(sql: Sql, batches: readonly TalliedBatch[]): Promise<Map<Uuid, StoredTally>> {
  const rows = await sumOver(sql, batches);
  return new Map(
    rows.map(({ batch_id, cost, sync_cost, waste, ...counts }) => [
      batch_id,
      { ...counts, cost: cost ?? '0', syncCost: sync_cost ?? '0', waste: waste ?? '0' },
    ]),
  );
}

function moneyOf({ cost, syncCost, waste }: StoredTally): BatchTally['money'] {
  return { cost: BigInt(cost), syncCost: BigInt(syncCost), waste: BigInt(waste) };
}
