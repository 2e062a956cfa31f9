import type { Sql } from 'postgres';
import type { ItemState } from '@/lib/core/lane-states';

export type OpenState = Exclude<ItemState, 'done'>;

/** What the batch lane has before it, on all processes together. */
export interface Backlog {
  /** Calls without an outcome, and the age of the oldest one in ms, by state. */
  states: Map<OpenState, { items: number; oldestMs: number }>;
  /** Since the window of the oldest queued call closed; 0 when none waits longer than it should. */
  overdueMs: number;
}

/** By Postgres' clock. A call that upstream has asked to wait is not overdue before that time. */
export async function readBacklog(sql: Sql, upstreamId: number): Promise<Backlog> {
  const rows = await sql<{ state: OpenState; items: number; oldest: number; overdue: number | null }[]>`
    select state, count(*)::int as items, extract(epoch from now() - min(arrived_at))::float8 * 1000 as oldest,
      extract(epoch from now() - min(greatest(window_ends_at, not_before)) filter (where state = 'queued' and gone_at is null)
        )::float8 * 1000 as overdue
    from items
    where upstream_id = ${upstreamId} and state <> 'done' group by state`;
  return {
    states: new Map(rows.map(({ state, items, oldest }) => [state, { items, oldestMs: Math.max(0, oldest) }])),
    overdueMs: Math.max(0, ...rows.map(({ overdue }) => overdue ?? 0)),
  };
}
