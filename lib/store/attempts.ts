import type { Sql, TransactionSql } from 'postgres';
import type { Uuid } from '@/lib/core/ids';
import type { AttemptRecord, OpenedRecord } from '@/lib/core/request-record';
import { jsonForPostgres, recordset } from './insert-from-json';

/** One upstream call and the request that it was made for. */
export interface BookedAttempt {
  opened: Pick<OpenedRecord, 'id' | 'keyId' | 'arrivedAt'>;
  attempt: AttemptRecord;
}

/** Books upstream calls and what they cost their key's budget. What is booked already changes nothing, in neither. */
export async function bookAttempts(tx: TransactionSql | Sql, booked: readonly BookedAttempt[]): Promise<void> {
  if (booked.length > 0) await tx.unsafe(INSERT, [jsonForPostgres(booked.map(attemptColumns))]);
}

/** Marks those that their caller got. */
export async function markDelivered(tx: TransactionSql | Sql, booked: readonly BookedAttempt[]): Promise<void> {
  const delivered = booked.filter(({ attempt }) => attempt.delivered);
  if (delivered.length > 0) await tx.unsafe(MARK_DELIVERED, [jsonForPostgres(delivered.map(attemptColumns))]);
}

/** The requests' sums of money from their attempts, as they stand now; for those that the log has already. */
export async function refreshSums(tx: TransactionSql | Sql, ids: readonly Uuid[]): Promise<void> {
  const sorted = [...ids].sort();
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (first && last) await tx.unsafe(REFRESH_SUMS, [sorted, first, last]);
}

/** An upstream call as a row of `attempts`, by column, with the key and month that pay it. */
export function attemptColumns({ opened, attempt }: BookedAttempt) {
  return {
    request_id: opened.id,
    key_id: opened.keyId,
    month: new Date(opened.arrivedAt).toISOString().slice(0, 7),
    key: attempt.key,
    lane: attempt.lane,
    started_at: new Date(attempt.startedAt),
    ended_at: new Date(attempt.endedAt),
    http_status: attempt.httpStatus,
    error_type: attempt.errorType,
    message_id: attempt.messageId,
    upstream_request_id: attempt.upstreamRequestId,
    model: attempt.model,
    usage: attempt.usage,
    estimated: attempt.estimated,
    cost_pico: attempt.costPico,
    sync_cost_pico: attempt.syncCostPico,
    price_id: attempt.priceId,
    delivered: attempt.delivered,
  };
}

/** Columns of `attempts`, with their types. */
export const ATTEMPT_COLUMNS = {
  request_id: 'uuid',
  key: 'text',
  lane: 'text',
  started_at: 'timestamptz',
  ended_at: 'timestamptz',
  http_status: 'smallint',
  error_type: 'text',
  message_id: 'text',
  upstream_request_id: 'text',
  model: 'text',
  usage: 'jsonb',
  estimated: 'boolean',
  cost_pico: 'bigint',
  sync_cost_pico: 'bigint',
  price_id: 'integer',
  delivered: 'boolean',
};
const NAMES = Object.keys(ATTEMPT_COLUMNS).map((name) => `"${name}"`);
const GIVEN = recordset({ ...ATTEMPT_COLUMNS, key_id: 'uuid', month: 'text' });

// Only rows that were new count towards a key's spend: what is written twice is spent once. In the keys' order, so that
// two replicas cannot deadlock.
const INSERT = `with given as materialized (select * from ${GIVEN}),
  written as (insert into attempts (${NAMES}) select ${NAMES} from given on conflict do nothing
    returning request_id, key, cost_pico)
  insert into key_spend (key_id, month, spent_pico)
  select key_id, month, sum(written.cost_pico)::bigint from written join given using (request_id, key)
  where key_id is not null and written.cost_pico > 0 group by key_id, month order by key_id, month
  on conflict (key_id, month) do update set spent_pico = key_spend.spent_pico + excluded.spent_pico`;

const MARK_DELIVERED = `update attempts set delivered = true from ${GIVEN}
  where attempts.request_id = r.request_id and attempts.key = r.key and not attempts.delivered`;

// The bounds tell the planner which days matter.
const REFRESH_SUMS = `update requests set cost_pico = s.cost, sync_cost_pico = s.sync_cost, waste_pico = s.waste,
    unpriced = s.unpriced
  from (
    select request_id, coalesce(sum(cost_pico), 0)::bigint as cost,
      coalesce(sum(coalesce(sync_cost_pico, cost_pico)) filter (where delivered), 0)::bigint as sync_cost,
      coalesce(sum(cost_pico) filter (where not delivered), 0)::bigint as waste,
      bool_or(usage is not null and cost_pico is null) as unpriced
    from attempts where request_id = any($1::uuid[]) and request_id between $2::uuid and $3::uuid group by request_id) s
  where requests.id = s.request_id and requests.id between $2::uuid and $3::uuid and (requests.cost_pico, requests.sync_cost_pico, requests.waste_pico, requests.unpriced)
    is distinct from (s.cost, s.sync_cost, s.waste, s.unpriced)`;
