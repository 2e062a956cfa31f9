import type { Sql } from 'postgres';
import type { Uuid } from '@/lib/core/ids';

/** What became of the first call with a key. */
export type IdempotencyClaim =
  /** This call is the first, or the first one released it. */
  | { kind: 'first' }
  | { kind: 'other_body' }
  /** The first one is under way. */
  | { kind: 'busy' }
  | { kind: 'outcome'; sealed: Uint8Array };

export interface IdempotencyAsk {
  /** HMAC of credential, path and key. */
  id: string;
  bodyHash: string;
  requestId: Uuid;
  owner: string;
  now: number;
  leaseUntil: number;
  expiresAt: number;
}

/** A Postgres that was away has renewed no lease: so long after its start a holder may still say that it lives. */
const RETURN_SECONDS = 15;

/** Takes the key for this call, or tells who has it. A holder whose lease is over has lost it. */
export async function claimKey(sql: Sql, ask: IdempotencyAsk): Promise<IdempotencyClaim> {
  const now = new Date(ask.now);
  const taken = await sql`
    insert into idempotency_keys as k (id, body_hash, request_id, owner, lease_until, expires_at)
    values (${ask.id}, ${ask.bodyHash}, ${ask.requestId}, ${ask.owner}, ${new Date(ask.leaseUntil)}, ${new Date(ask.expiresAt)})
    on conflict (id) do update set body_hash = excluded.body_hash, request_id = excluded.request_id,
        owner = excluded.owner, lease_until = excluded.lease_until, expires_at = excluded.expires_at, sealed = null
      where k.expires_at <= ${now} or k.sealed is null
        and greatest(k.lease_until, pg_postmaster_start_time() + make_interval(secs => ${RETURN_SECONDS})) <= ${now}
    returning id`;
  if (taken.length > 0) return { kind: 'first' };
  const [row] = await sql<{ body_hash: string; sealed: Uint8Array | null }[]>`
    select body_hash, sealed from idempotency_keys where id = ${ask.id}`;
  // Released between the two statements.
  if (!row) return { kind: 'busy' };
  if (row.body_hash !== ask.bodyHash) return { kind: 'other_body' };
  return row.sealed ? { kind: 'outcome', sealed: row.sealed } : { kind: 'busy' };
}

/** A key that is held; `requestId` is the call that holds it. */
export interface HeldKeyId {
  id: string;
  requestId: Uuid;
}

/** These calls still run: nobody else gets their keys, however long they take. */
export async function renewKeys(sql: Sql, held: readonly HeldKeyId[], leaseUntil: number): Promise<void> {
  const until = new Date(leaseUntil);
  await sql`
    with held as (
      select k.id from idempotency_keys k
      join unnest(${held.map(({ id }) => id)}::text[], ${held.map(({ requestId }) => requestId)}::uuid[])
        as h(id, request_id) on h.id = k.id and h.request_id = k.request_id
      where k.sealed is null order by k.id for update of k)
    update idempotency_keys k set lease_until = ${until}, expires_at = greatest(k.expires_at, ${until})
    from held where k.id = held.id`;
}

/** Keeps the outcome for every later call with the key. */
export async function settleKey(sql: Sql, id: string, requestId: Uuid, sealed: Buffer): Promise<void> {
  await sql`update idempotency_keys set sealed = ${sealed} where id = ${id} and request_id = ${requestId}`;
}

/** The call came to nothing that may be shared: the next one is a first one. */
export async function releaseKey(sql: Sql, id: string, requestId: Uuid): Promise<void> {
  await sql`delete from idempotency_keys where id = ${id} and request_id = ${requestId} and sealed is null`;
}

export async function purgeKeys(sql: Sql, now: number): Promise<void> {
  await sql`delete from idempotency_keys where expires_at <= ${new Date(now)}`;
}
