import type { Sql } from 'postgres';
import type { Uuid } from '@/lib/core/ids';
import type { RequestState } from '@/lib/core/request-states';

/** What is known of a model's probes. Times are Unix ms. */
export interface ProbeReport {
  model: string;
  /** When its newest batch was made, a probe's or not. */
  lastBatchAt: number | null;
  last: LastProbe | null;
}

export interface LastProbe {
  at: number;
  id: Uuid;
  state: RequestState;
  turnaroundMs: number | null;
  syncId: Uuid;
  syncState: RequestState;
  syncLatencyMs: number | null;
}

interface Row {
  model: string;
  last_batch: Date | null;
  id: Uuid | null;
  sync_id: Uuid | null;
  claimed_at: Date | null;
  state: RequestState | null;
  turnaround: number | null;
  sync_state: RequestState | null;
  sync_latency: number | null;
}

export async function readProbeReports(
  sql: Sql,
  upstreamId: number,
  models: readonly string[],
): Promise<Map<string, ProbeReport>> {
  const rows = await sql<Row[]>`
    select m.model, (select max(b.created_at) from batches b
        where b.upstream_id = ${upstreamId} and b.model = m.model) as last_batch,
      p.id, p.sync_id, p.claimed_at, r.state, s.state as sync_state, s.latency_ms as sync_latency,
      (select extract(epoch from b.ended_at - b.upstream_created_at)::float8 * 1000 from batches b
        where b.msgbatch_id = r.batch_id) as turnaround
    from unnest(${[...models]}::text[]) as m(model)
    left join lateral (
      select * from probes p where p.upstream_id = ${upstreamId} and p.model = m.model
      order by p.claimed_at desc limit 1
    ) p on true
    left join requests r on r.id = p.id
    left join requests s on s.id = p.sync_id`;
  return new Map(
    rows.map((row) => [
      row.model,
      { model: row.model, lastBatchAt: row.last_batch?.getTime() ?? null, last: lastOf(row) },
    ]),
  );
}

function lastOf(row: Row): LastProbe | null {
  if (row.id === null || row.sync_id === null || row.claimed_at === null) return null;
  return {
    at: row.claimed_at.getTime(),
    id: row.id,
    state: row.state ?? 'waiting',
    turnaroundMs: row.turnaround === null ? null : Math.round(row.turnaround),
    syncId: row.sync_id,
    syncState: row.sync_state ?? 'running',
    syncLatencyMs: row.sync_latency,
  };
}
