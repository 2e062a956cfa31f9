import type { Fragment, Sql } from 'postgres';
import type { Uuid } from '@/lib/core/ids';
import type { AttemptRecord, OpenedRecord } from '@/lib/core/request-record';
import { bookAttempts, refreshSums } from '@/lib/store/attempts';
import { otherHolders, tellOutcomes } from './hints';
import type { Escalation, ItemAnswer, LaneStore } from './lane-store';
import { openPayload, type Seal, sealAnswer } from './sealed';

type EscalationClaim = Parameters<LaneStore['claimEscalations']>[0];

/**
 * Claims items whose synchronous answer is due. One whose caller left is not paid for a second time: it takes what the
 * batch brings. One whose claimer died is claimed again. Where upstream's limits let a credential begin only a few,
 * those of others are not kept waiting. Where more press than can be begun at a time each key gets its turn, with what
 * is most pressing of it: nobody's flood makes others late.
 */
export async function claimEscalations(
  sql: Sql,
  seal: Seal,
  upstreamId: number,
  claim: EscalationClaim,
): Promise<Escalation[]> {
  const at = new Date(claim.now);
  const due = (i: Fragment) => sql`
    ${i}.upstream_id = ${upstreamId} and ${i}.state <> 'done' and not ${i}.probe and ${i}.gone_at is null and ${i}.answer_by > ${at}
    and ${i}.escalate_at <= ${new Date(claim.now + claim.leadMs)}
    and (${i}.state <> 'escalating' or ${i}.lease_until is null and ${i}.escalate_at <= ${at} or ${i}.lease_until <= ${at})`;
  const { limits } = claim;
  const inTurns = sql`
    select d.id from items d join (
      select id, turn, row_number() over (partition by credential order by turn, escalate_at, id) as n from (
        select i.id, i.credential, i.escalate_at, row_number() over (
          partition by coalesce(i.opened ->> 'keyId', i.credential) order by i.escalate_at, i.id) as turn
        from items i where ${due(sql`i`)}) waiting
    ) turns on turns.id = d.id
    left join unnest(${limits.map(({ credential }) => credential)}::text[], ${limits.map(({ most }) => most)}::int[])
      as l(credential, most) on l.credential = d.credential
    where ${due(sql`d`)} and (l.most is null or turns.n <= l.most) order by turns.turn, d.escalate_at, d.id`;
  const next =
    claim.isCrowded || limits.length > 0
      ? inTurns
      : sql`select d.id from items d where ${due(sql`d`)} order by d.escalate_at, d.id`;
  const rows = await sql<EscalationRow[]>`
    with due as (
      ${next} limit ${claim.limit} for update of d skip locked
    ), claimed as (
      update items i set state = 'escalating', lease_owner = ${claim.owner}, lease_epoch = lease_epoch + 1,
        lease_until = ${new Date(claim.leaseUntil)}
      from due where i.id = due.id
      returning i.id, i.lease_epoch, i.opened, i.credential, i.answer_by, i.escalate_at, i.batch_id
    )
    select c.*, b.sealed, m.msgbatch_id from claimed c join item_bodies b on b.item_id = c.id
    left join batches m on m.id = c.batch_id order by c.escalate_at, c.id`;
  return rows.map((row) => ({
    id: row.id,
    epoch: row.lease_epoch,
    opened: row.opened,
    credential: row.credential,
    payload: openPayload(seal, row.sealed),
    answerBy: row.answer_by.getTime(),
    msgbatchId: row.msgbatch_id,
  }));
}

export async function pressing(sql: Sql, upstreamId: number, until: number): Promise<number> {
  const [row] = await sql<{ n: number }[]>`
    select count(*)::int as n from (
      select 1 from items
      where upstream_id = ${upstreamId} and state <> 'done' and escalate_at <= ${new Date(until)} and gone_at is null and not probe
        and lease_until is null limit 10000) s`;
  return row?.n ?? 0;
}

export async function renew(sql: Sql, ids: readonly Uuid[], owner: string, leaseUntil: number): Promise<void> {
  await sql`
    with mine as (
      select id from items
      where id = any(${[...ids]}::uuid[]) and state = 'escalating' and lease_owner = ${owner} and lease_until is not null
      order by id for update)
    update items i set lease_until = ${new Date(leaseUntil)} from mine where i.id = mine.id`;
}

export async function settleEscalation(
  sql: Sql,
  seal: Seal,
  item: Escalation,
  answer: ItemAnswer,
  now: number,
  self: string | null,
): Promise<'settled' | 'lost'> {
  return sql.begin(async (tx) => {
    const rows = await tx<{ caller: string | null }[]>`
      update items set state = 'done', outcome = ${answer.outcome}, outcome_at = ${new Date(now)}, lease_until = null
      where id = ${item.id} and state <> 'done' and lease_epoch = ${item.epoch} returning caller`;
    const isMine = rows.length > 0;
    if (isMine) {
      await tx`insert into item_results (item_id, sealed) values (${item.id}, ${sealAnswer(seal, answer)})
        on conflict do nothing`;
      await tellOutcomes(tx, otherHolders(rows, self));
    } else await tx`select 1 from items where id = ${item.id} for update`;
    if (answer.attempt) {
      await bookAttempts(tx, [{ opened: item.opened, attempt: answer.attempt }]);
      if (!isMine) await refreshSums(tx, [item.id]);
    }
    return isMine ? 'settled' : 'lost';
  });
}

export async function escalateLater(
  sql: Sql,
  item: Escalation,
  attempt: AttemptRecord | null,
  at: number,
): Promise<boolean> {
  return sql.begin(async (tx) => {
    const rows = await tx`
      update items set escalate_at = ${new Date(at)}, lease_owner = null, lease_until = null
      where id = ${item.id} and state = 'escalating' and lease_epoch = ${item.epoch} returning id`;
    if (attempt) await bookAttempts(tx, [{ opened: item.opened, attempt }]);
    return rows.length > 0;
  });
}

interface EscalationRow {
  id: Uuid;
  lease_epoch: number;
  opened: OpenedRecord;
  credential: string;
  answer_by: Date;
  batch_id: Uuid | null;
  sealed: Uint8Array;
  msgbatch_id: string | null;
}
