import type { Sql } from 'postgres';
import type { Uuid } from '@/lib/core/ids';
import type { ItemState } from '@/lib/core/lane-states';
import type { OpenedRecord } from '@/lib/core/request-record';
import { jsonForPostgres } from '@/lib/store/insert-from-json';
import type { AttachAsk, Attached, HeldItem, ItemAnswer, NewItem } from './lane-store';
import { openAnswer, type Seal, sealPayload } from './sealed';

/** An item may be in the store this long before the process that queued it knows. */
const NEW_MS = 10_000;

/** The item with its body, and its caller's own credential where it has one: one statement, one transaction. */
export async function enqueue(sql: Sql, seal: Seal, upstreamId: number, item: NewItem): Promise<void> {
  const { group } = item;
  const own = item.ownCredential;
  await sql`
    with item as (
      insert into items (id, upstream_id, state, opened, credential, group_key, headers, model, size_class, bytes,
        max_items, fingerprint, idempotency_key, arrived_at, window_ends_at, answer_by, escalate_at, caller)
      values (${item.id}, ${upstreamId}, 'queued', ${jsonForPostgres(item.opened)}::text::jsonb, ${group.credential},
        ${group.key}, ${JSON.stringify(group.headers)}::text::jsonb, ${storableText(group.model)}, ${group.sizeClass},
        ${item.bytes}, ${item.maxItems}, ${item.fingerprint}, ${item.idempotencyKey}, ${new Date(item.arrivedAt)},
        ${new Date(item.windowEndsAt)}, ${new Date(item.answerBy)}, ${dateOrNull(item.escalateAt)}, ${item.caller})
      returning id
    ) ${
      own
        ? sql`, credential as (
            insert into lane_credentials (credential, sealed)
            values (${group.credential}, ${seal.seal(Buffer.from(JSON.stringify(own)))})
            on conflict (credential) do update set sealed = excluded.sealed)`
        : sql``
    }
    insert into item_bodies (item_id, sealed) select id, ${sealPayload(seal, item.payload)}::bytea from item`;
}

/**
 * A retry finds the item of its first copy. What nobody holds comes first; a retry, by its client's own word, may take
 * over from a connection that still looks alive, since that one is its own; of several, the one that was taken over
 * least often, so that identical calls do not keep displacing each other. A row that is being written is waited for:
 * passing over it would make a second item of the call.
 */
export async function attach(sql: Sql, upstreamId: number, ask: AttachAsk): Promise<Attached | null> {
  const [known] = await sql`select 1 from items where fingerprint = ${ask.fingerprint} limit 1`;
  if (!known) return null;
  const row = await sql.begin(async (tx) => {
    // One after the other: of two that choose at once, both would choose the same item.
    await tx`select pg_advisory_xact_lock(hashtextextended(${ask.fingerprint}, 0))`;
    const [taken] = await tx<AttachedRow[]>`${take(sql, upstreamId, ask)}`;
    return taken;
  });
  if (!row) return null;
  return {
    id: row.id,
    callerEpoch: row.caller_epoch,
    opened: row.opened,
    state: row.state,
    handOvers: row.hand_overs,
    answerBy: row.answer_by.getTime(),
    displaced: row.holder,
  };
}

function take(sql: Sql, upstreamId: number, ask: AttachAsk) {
  const now = new Date(ask.now);
  const outcomeSince = new Date(ask.now - ask.windowMs);
  return sql`
    with found as (
      select i.id, case when ${isHeld(sql, ask)} then i.caller end as holder
      from items i
      where i.upstream_id = ${upstreamId} and i.fingerprint = ${ask.fingerprint} and i.outcome is distinct from 'dropped'
        and (i.state = 'done' and i.outcome_at > ${outcomeSince} or i.state <> 'done' and i.answer_by > ${now})
        and (${ask.isRetry} or i.closed_at is null and not ${isHeld(sql, ask)})
      order by i.closed_at is not null, ${isHeld(sql, ask)}, i.caller_epoch, i.id
      limit 1 for update of i
    )
    update items i set caller = ${ask.caller}, caller_epoch = i.caller_epoch + 1, gone_at = null
    from found where i.id = found.id
    returning i.id, i.caller_epoch, i.opened, i.state, i.hand_overs, i.answer_by, found.holder`;
}

export async function detach(sql: Sql, id: Uuid, callerEpoch: number, now: number): Promise<void> {
  // With a new epoch, so that no `hold` of this connection, late on its way, undoes it.
  await sql`update items set caller = null, gone_at = ${new Date(now)}, caller_epoch = caller_epoch + 1
    where id = ${id} and caller_epoch = ${callerEpoch}`;
}

export async function handOver(sql: Sql, id: Uuid, callerEpoch: number, now: number): Promise<void> {
  await sql`update items set caller = null, gone_at = ${new Date(now)}, caller_epoch = caller_epoch + 1,
      hand_overs = hand_overs + 1
    where id = ${id} and caller_epoch = ${callerEpoch}`;
}

export async function hold(sql: Sql, caller: string, held: readonly HeldItem[], now: number): Promise<Uuid[]> {
  const ids = held.map(({ id }) => id);
  const epochs = held.map(({ callerEpoch }) => callerEpoch);
  // The epoch stays: a connection that came just now is in the next call's list, and is taken back by it.
  const rows = await sql<{ id: Uuid }[]>`
    with held as (select * from unnest(${ids}::uuid[], ${epochs}::int[]) as h(id, epoch)),
      taken as (
        select i.id from items i join held h on h.id = i.id
        where i.caller is null and i.caller_epoch = h.epoch and i.outcome is distinct from 'dropped'
        order by i.id for update of i),
      back as (update items i set caller = ${caller}, gone_at = null from taken where i.id = taken.id),
      unknown as (
        select i.id from items i
        where i.caller = ${caller} and i.closed_at is null and i.arrived_at < ${new Date(now - NEW_MS)}
          and i.id not in (select id from held)
        order by i.id for update of i skip locked),
      let_go as (update items i set caller = null, gone_at = ${new Date(now)} from unknown where i.id = unknown.id)
    select h.id from held h left join items i on i.id = h.id
    where i.id is null or i.caller_epoch <> h.epoch or i.outcome = 'dropped'`;
  return rows.map(({ id }) => id);
}

export async function hurry(sql: Sql, ids: readonly Uuid[], now: number): Promise<void> {
  await sql`
    with pressed as (
      select id from items
      where id = any(${[...ids]}::uuid[]) and state in ('queued', 'batched') and escalate_at is not null
      order by id for update)
    update items i set escalate_at = least(escalate_at, ${new Date(now)}) from pressed where i.id = pressed.id`;
}

export async function outcomesOf(sql: Sql, caller: string): Promise<HeldItem[]> {
  const rows = await sql<{ id: Uuid; caller_epoch: number }[]>`
    select id, caller_epoch from items where caller = ${caller} and state = 'done' and closed_at is null`;
  return rows.map((row) => ({ id: row.id, callerEpoch: row.caller_epoch }));
}

export async function answerOf(sql: Sql, seal: Seal, id: Uuid): Promise<ItemAnswer | null> {
  const [row] = await sql<{ sealed: Uint8Array }[]>`select sealed from item_results where item_id = ${id}`;
  return row ? openAnswer(seal, row.sealed) : null;
}

export async function heartbeat(sql: Sql, caller: string, leaseUntil: number): Promise<void> {
  await sql`insert into lane_leases (name, owner, lease_until)
    values (${processLease(caller)}, ${caller}, ${new Date(leaseUntil)})
    on conflict (name) do update set lease_until = excluded.lease_until`;
}

export async function ownCredential(sql: Sql, seal: Seal, credential: string): Promise<[string, string][] | null> {
  const [row] = await sql<{ sealed: Uint8Array }[]>`
    select sealed from lane_credentials where credential = ${credential}`;
  return row ? JSON.parse(seal.open(row.sealed).toString('utf8')) : null;
}

interface AttachedRow {
  id: Uuid;
  caller_epoch: number;
  opened: OpenedRecord;
  state: ItemState;
  hand_overs: number;
  answer_by: Date;
  holder: string | null;
}

/** Somebody holds item `i` for a caller, and that process is alive, as the one that asks is. */
function isHeld(sql: Sql, { caller, now }: AttachAsk) {
  return sql`(i.caller is not null and (i.caller = ${caller} or exists (
    select 1 from lane_leases l where l.name = 'process:' || i.caller and l.lease_until > ${new Date(now)})))`;
}

function processLease(caller: string): string {
  return `process:${caller}`;
}

function dateOrNull(at: number | null): Date | null {
  return at === null ? null : new Date(at);
}

// Text columns refuse what jsonb refuses.
function storableText(text: string): string {
  return text.replaceAll('\0', '\ufffd').toWellFormed();
}
