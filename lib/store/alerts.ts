import type { Sql } from 'postgres';
import { type Alert, type AlertKind, type Conditions, MISSES_WITHIN_MS, UNPRICED_WITHIN_MS } from '@/lib/core/alert';

const MOST_BATCHES = 20;
const QUARTER_HOUR_MS = 15 * 60_000;

/** An alert that holds, or whose end has not been told yet. */
export interface RaisedAlert extends Alert {
  sent: boolean;
  over: boolean;
}

/** What there is to be told of, as of `now` (Unix ms of Postgres' clock). Reads rollups and the lane's live rows only. */
export async function findConditions(sql: Sql, upstreamId: number, now: number): Promise<Conditions> {
  const month = new Date(now).toISOString().slice(0, 7);
  const spentKeys = await sql<{ name: string; spent: string; budget: string }[]>`
      select k.name, s.spent_pico as spent, k.monthly_budget_pico as budget
      from key_spend s join keys k on k.id = s.key_id
      where s.month = ${month} and k.revoked_at is null and s.spent_pico >= k.monthly_budget_pico
      order by k.name`;
  // A call whose batch came too late is answered all the same: what counts is the moment, not the outcome.
  const missed = await sql<{ calls: string }[]>`
      select count(*) as calls from items
      where upstream_id = ${upstreamId} and not probe and closed_at > ${new Date(now - MISSES_WITHIN_MS)}
        and outcome <> 'dropped'
        and outcome_at > to_timestamp((opened ->> 'deadlineAt')::float8 / 1000)`;
  const openBatches = await sql<{ id: string; model: string; created_at: Date; items: number }[]>`
      select coalesce(msgbatch_id, id::text) as id, model, coalesce(upstream_created_at, posting_at) as created_at, items
      from batches
      where upstream_id = ${upstreamId} and state in ('open', 'unknown') order by created_at limit ${MOST_BATCHES}`;
  const unpriced = await sql<{ model: string; requests: string }[]>`
      select model, sum(unpriced) as requests from rollup_money
      where upstream_id = ${upstreamId} and grain = 15 and at > ${new Date(now - UNPRICED_WITHIN_MS - QUARTER_HOUR_MS)}
        and unpriced > 0 and model is not null
      group by model order by model limit ${MOST_BATCHES}`;
  const due = await sql<{ since: Date | null }[]>`
      select min(greatest(window_ends_at, coalesce(not_before, window_ends_at))) as since from items
      where state = 'queued' and upstream_id = ${upstreamId}`;
  const since = due[0]?.since ?? null;
  return {
    month,
    spentKeys: spentKeys.map((row) => ({
      name: row.name,
      spentPico: BigInt(row.spent),
      budgetPico: BigInt(row.budget),
    })),
    missedDeadlines: Number(missed[0]?.calls ?? 0),
    openBatches: openBatches.map(({ id, model, created_at, items }) => ({
      id,
      model,
      items,
      ageMs: now - created_at.getTime(),
    })),
    unpricedModels: unpriced.map((row) => ({ model: row.model, requests: Number(row.requests) })),
    oldestDueMs: since === null ? null : now - since.getTime(),
  };
}

/** Takes down which alerts hold now: new ones are to be told of, those that hold no longer are over. */
export async function noteAlerts(sql: Sql, upstreamId: number, alerts: readonly Alert[], now: number): Promise<void> {
  const kinds = alerts.map((alert) => alert.kind);
  const subjects = alerts.map((alert) => alert.subject);
  const texts = alerts.map((alert) => alert.text);
  await sql`
    with held as (select * from unnest(${kinds}::text[], ${subjects}::text[], ${texts}::text[]) as h (kind, subject, text)),
      gone as (
        update alerts a set over = true
        where a.upstream_id = ${upstreamId} and not a.over
          and not exists (select 1 from held h where h.kind = a.kind and h.subject = a.subject))
    insert into alerts (upstream_id, kind, subject, text, raised_at)
    select ${upstreamId}, kind, subject, text, ${new Date(now)} from held
    -- One that was over, and holds again before its end was told, has never ended.
    on conflict (upstream_id, kind, subject) do update set over = false`;
}

/** What has to be told: raised and not sent, or sent and over. Oldest first. */
export async function untoldAlerts(sql: Sql, upstreamId: number): Promise<RaisedAlert[]> {
  const rows = await sql<{ kind: AlertKind; subject: string; text: string; sent: boolean; over: boolean }[]>`
    select kind, subject, text, sent_at is not null as sent, over from alerts
    where upstream_id = ${upstreamId} and (over or sent_at is null) order by raised_at, kind, subject`;
  return rows.map((row) => ({ ...row }));
}

/** It was told, or needs no telling: one that is over is forgotten. */
export async function alertTold(sql: Sql, upstreamId: number, alert: RaisedAlert, now: number): Promise<void> {
  const { kind, subject } = alert;
  if (alert.over) {
    await sql`
      delete from alerts where upstream_id = ${upstreamId} and kind = ${kind} and subject = ${subject} and over`;
    return;
  }
  await sql`
    update alerts set sent_at = ${new Date(now)}
    where upstream_id = ${upstreamId} and kind = ${kind} and subject = ${subject}`;
}
