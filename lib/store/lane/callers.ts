import type { Sql } from 'postgres';
import type { Uuid } from '@/lib/core/ids';
import type { ItemState } from '@/lib/core/lane-states';
import type { OpenedRecord } from '@/lib/core/request-record';
import { jsonForPostgres, recordset } from '@/lib/store/insert-from-json';
import { tellDisplaced } from './hints';
import type { AttachAsk, Attached, HeldItem, ItemAnswer, NewItem } from './lane-store';
import { openAnswer, type Seal, sealPayload } from './sealed';

/** An item may be in the store this long before the process that queued it knows. */
const NEW_MS = 10_000;

/**
 * Items with their bodies, and their callers' own credentials where they have one: one statement, one transaction.
 * Others can join an item from now on: where many arrive at once and some had to wait for this, their windows begin now.
 */
export async function enqueue(
  sql: Sql,
  seal: Seal,
  upstreamId: number,
  items: readonly NewItem[],
  now: number,
): Promise<void> {
  const rows = items.map((item) => ({
    ...toRow(item, seal, upstreamId),
    window_ends_at: new Date(item.windowEndsAt + Math.max(0, now - item.arrivedAt)),
  }));
  await sql.unsafe(ENQUEUE, [jsonForPostgres(rows)]);
}

function toRow(item: NewItem, seal: Seal, upstreamId: number) {
  const { group, ownCredential: own } = item;
  return {
    id: item.id,
    upstream_id: upstreamId,
    state: 'queued',
    opened: item.opened,
    credential: group.credential,
    group_key: group.key,
    headers: group.headers,
    model: group.model,
    size_class: group.sizeClass,
    bytes: item.bytes,
    max_items: item.maxItems,
    fingerprint: item.fingerprint,
    idempotency_key: item.idempotencyKey,
    arrived_at: new Date(item.arrivedAt),
    answer_by: new Date(item.answerBy),
    escalate_at: item.escalateAt === null ? null : new Date(item.escalateAt),
    caller: item.caller,
    probe: item.isProbe ?? false,
    payload: sealPayload(seal, item.payload).toString('base64'),
    own: own ? seal.seal(Buffer.from(JSON.stringify(own))).toString('base64') : null,
  };
}

const ITEM_COLUMNS = {
  id: 'uuid',
  upstream_id: 'smallint',
  state: 'text',
  opened: 'jsonb',
  credential: 'text',
  group_key: 'text',
  headers: 'jsonb',
  model: 'text',
  size_class: 'text',
  bytes: 'integer',
  max_items: 'integer',
  fingerprint: 'text',
  idempotency_key: 'text',
  arrived_at: 'timestamptz',
  window_ends_at: 'timestamptz',
  answer_by: 'timestamptz',
  escalate_at: 'timestamptz',
  caller: 'text',
  probe: 'boolean',
};
const ITEM_NAMES = Object.keys(ITEM_COLUMNS);
// The bodies travel as text: a seventh of a millisecond more for each, and one statement for all.
const ENQUEUE = `with given as materialized (select * from ${recordset({ ...ITEM_COLUMNS, payload: 'text', own: 'text' })}),
  queued as (insert into items (${ITEM_NAMES}) select ${ITEM_NAMES} from given),
  credentials as (
    insert into lane_credentials (credential, sealed)
    select distinct on (credential) credential, decode(own, 'base64') from given where own is not null
    order by credential
    on conflict (credential) do update set sealed = excluded.sealed)
  insert into item_bodies (item_id, sealed) select id, decode(payload, 'base64') from given`;

/** Those of these fingerprints that items have. */
export async function knownFingerprints(sql: Sql, asked: readonly string[]): Promise<boolean[]> {
  const rows = await sql<{ fingerprint: string }[]>`
    select distinct fingerprint from items where fingerprint = any(${[...asked]}::text[])`;
  const known = new Set(rows.map(({ fingerprint }) => fingerprint));
  return asked.map((fingerprint) => known.has(fingerprint));
}

/**
 * A retry finds the item of its first copy. What nobody holds comes first; a retry, by its client's own word, may take
 * over from a connection that still looks alive, since that one is its own; of several, the one that was taken over
 * least often, so that identical calls do not keep displacing each other. A row that is being written is waited for:
 * passing over it would make a second item of the call. An answer whose connection broke while it was written, which
 * leaves `gone_at` behind, was not delivered.
 */
export async function attach(sql: Sql, upstreamId: number, ask: AttachAsk): Promise<Attached | null> {
  const row = await sql.begin(async (tx) => {
    // One after the other: of two that choose at once, both would choose the same item.
    await tx`select pg_advisory_xact_lock(hashtextextended(${ask.fingerprint}, 0))`;
    const [taken] = await tx<AttachedRow[]>`${take(sql, upstreamId, ask)}`;
    if (taken && taken.holder !== null && taken.holder !== ask.caller) {
      await tellDisplaced(tx, taken.holder, { id: taken.id, callerEpoch: taken.caller_epoch });
    }
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
        and (${ask.isRetry} or (i.closed_at is null or i.gone_at is not null) and not ${isHeld(sql, ask)}
          or ${isFailedStream(sql, ask)})
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
        where i.caller is null and i.caller_epoch = h.epoch and i.closed_at is null and i.outcome is distinct from 'dropped'
        order by i.id for update of i),
      back as (update items i set caller = ${caller}, gone_at = null from taken where i.id = taken.id),
      unknown as (
        select i.id from items i
        where i.caller = ${caller} and i.closed_at is null and i.arrived_at < ${new Date(now - NEW_MS)}
          and i.id not in (select id from held)
        order by i.id for update of i skip locked),
      let_go as (update items i set caller = null, gone_at = ${new Date(now)} from unknown where i.id = unknown.id)
    select h.id from held h left join items i on i.id = h.id
    where i.id is null or i.caller_epoch <> h.epoch or i.closed_at is not null or i.outcome = 'dropped'`;
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

/** In the order of the ids; `null` for one that is no more. */
export async function answersOf(sql: Sql, seal: Seal, ids: readonly Uuid[]): Promise<(ItemAnswer | null)[]> {
  const rows = await sql<{ item_id: Uuid; sealed: Uint8Array }[]>`
    select item_id, sealed from item_results where item_id = any(${[...ids]}::uuid[])`;
  const byId = new Map(rows.map((row) => [row.item_id, row.sealed]));
  return ids.map((id) => {
    const sealed = byId.get(id);
    return sealed ? openAnswer(seal, sealed) : null;
  });
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

/** Item `i` was asked for as a stream by the agent that now asks without one. */
function isFailedStream(sql: Sql, { fallbackIn }: AttachAsk) {
  if (!fallbackIn) return sql`false`;
  return sql`((i.opened ->> 'stream')::boolean and i.opened ->> 'sessionId' = ${fallbackIn.sessionId}
    and i.opened ->> 'agentId' is not distinct from ${fallbackIn.agentId})`;
}

function processLease(caller: string): string {
  return `process:${caller}`;
}
