import type { Sql } from 'postgres';
import type { BatchDetail, BatchesAnswer, BatchRow } from '@/lib/contract/batches';
import type { Uuid } from '@/lib/core/ids';
import type { BatchState, SizeClass } from '@/lib/core/lane-states';
import { formatUsd } from '@/lib/core/money';
import type { TimeRange } from '@/lib/core/time-range';
import { readBatchItems } from './batch-items';
import { type BatchTally, tallyBatches } from './batch-tallies';
import { credentialName, readQueue } from './queue';
import { type Fragment, inRange, named, ofUpstream, type UpstreamScope } from './request-filter';
import type { StoredTally } from './stored-tally';

/** Inside one filter the values are alternatives; an empty one lets everything through. */
export interface BatchFilter {
  range: TimeRange;
  states: readonly BatchState[];
  /** A value that ends in `*` is a prefix. */
  models: readonly string[];
}

/** One page of batches, newest first, and what waits now. Ids carry their time: they are order, range and cursor. */
export async function listBatches(
  sql: Sql,
  {
    upstream,
    filter,
    page,
  }: { upstream: UpstreamScope; filter: BatchFilter; page: { cursor: Uuid | null; limit: number } },
): Promise<BatchesAnswer> {
  const { range, states, models } = filter;
  const [found, queue] = await Promise.all([
    readBatches(
      sql,
      sql`${isOfUpstream(sql, upstream)} and ${inRange(sql, range, sql`b.id`)}
        ${states.length > 0 ? sql`and b.state = any(${[...states]}::text[])` : sql``}
        ${models.length > 0 ? sql`and ${named(sql, sql`b.model`, models)}` : sql``}
        ${page.cursor ? sql`and b.id < ${page.cursor}::uuid` : sql``}`,
      page.limit + 1,
    ),
    readQueue(sql, upstream),
  ]);
  const shown = found.slice(0, page.limit);
  const tallies = await tallyBatches(sql, shown);
  return {
    rows: shown.map((row) => toBatch(row, tallies.get(row.id))),
    nextCursor: found.length > page.limit ? (shown.at(-1)?.id ?? null) : null,
    queue,
  };
}

/** One batch by our id or by upstream's. @param now until when its waiting items have waited. */
export async function findBatch(
  sql: Sql,
  upstream: UpstreamScope,
  id: { own: Uuid } | { msgbatch: string },
  now: Date,
): Promise<BatchDetail | null> {
  const which = 'own' in id ? sql`b.id = ${id.own}::uuid` : sql`b.msgbatch_id = ${id.msgbatch}`;
  const [row] = await readBatches(sql, sql`${isOfUpstream(sql, upstream)} and ${which}`, 1);
  if (!row) return null;
  const [tallies, items] = await Promise.all([tallyBatches(sql, [row]), readBatchItems(sql, row, now)]);
  return { batch: toBatch(row, tallies.get(row.id)), ...items };
}

interface Row {
  id: Uuid;
  msgbatch_id: string | null;
  state: BatchState;
  model: string;
  size_class: SizeClass;
  credential: string;
  items: number;
  bytes: string;
  created_at: Date;
  posting_at: Date | null;
  upstream_created_at: Date | null;
  ended_at: Date | null;
  seen_ended_at: Date | null;
  closed_at: Date | null;
  counts: Record<string, number> | null;
  cancel_requested_at: Date | null;
  error: string | null;
  tally: StoredTally | null;
}

function isOfUpstream(sql: Sql, upstream: UpstreamScope): Fragment {
  return ofUpstream(sql, upstream, sql`b.upstream_id`);
}

function readBatches(sql: Sql, condition: Fragment, limit: number) {
  return sql<Row[]>`
    select b.id, b.msgbatch_id, b.state, b.model, b.size_class, b.credential, b.items, b.bytes, b.created_at, b.posting_at,
      b.upstream_created_at, b.ended_at, b.seen_ended_at, b.closed_at, b.counts, b.cancel_requested_at, b.error, b.tally
    from batches b where ${condition} order by b.id desc limit ${limit}`;
}

function toBatch(row: Row, tally: BatchTally | undefined): BatchRow {
  const { upstream_created_at: begun, ended_at: ended } = row;
  const money = (pico: bigint | undefined) => (pico === undefined ? null : formatUsd(pico));
  const { cost, syncCost, waste } = tally?.money ?? {};
  return {
    id: row.id,
    msgbatchId: row.msgbatch_id,
    state: row.state,
    model: row.model,
    sizeClass: row.size_class,
    credential: credentialName(row.credential),
    items: row.items,
    bytes: Number(row.bytes),
    createdAt: row.created_at.toISOString(),
    postedAt: iso(row.posting_at),
    upstreamCreatedAt: iso(begun),
    endedAt: iso(ended),
    seenEndedAt: iso(row.seen_ended_at),
    closedAt: iso(row.closed_at),
    turnaroundMs: begun && ended ? ended.getTime() - begun.getTime() : null,
    counts: row.counts,
    cancelRequestedAt: iso(row.cancel_requested_at),
    error: row.error,
    earliestDeadlineAt: iso(tally?.earliestDeadlineAt ?? null),
    waiting: tally?.waiting ?? 0,
    delivered: tally?.delivered ?? 0,
    escalated: tally?.escalated ?? 0,
    late: tally?.late ?? 0,
    unpriced: tally?.unpriced ?? 0,
    costUsd: money(cost),
    syncCostUsd: money(syncCost),
    savedUsd: cost === undefined || syncCost === undefined ? null : formatUsd(syncCost - cost),
    wasteUsd: money(waste),
  };
}

function iso(at: Date | null): string | null {
  return at?.toISOString() ?? null;
}
