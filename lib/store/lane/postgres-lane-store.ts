import type { Sql } from 'postgres';
import { type Uuid, uuidTime } from '@/lib/core/ids';
import { dayOf, ensurePartitions } from '@/lib/store/partitions';
import * as callers from './callers';
import * as collecting from './collecting';
import * as escalating from './escalating';
import { gather } from './gather';
import * as housekeeping from './housekeeping';
import type { LaneStore, NewItem } from './lane-store';
import * as making from './making';
import type { Seal } from './sealed';
import * as watching from './watching';

const MOST_AT_ONCE = 100;
/** Answers are read as they are, and a long one is megabytes. */
const MOST_ANSWERS_AT_ONCE = 20;
const MOST_BYTES_GATHERED = 256 * 1024;

/** The process that a store belongs to. */
interface Self {
  /** Its name among those that hold callers: the others are told of outcomes. */
  name: string | null;
  /** The lane's clock, Unix ms. */
  now(): number;
}

/** The batch lane's state in Postgres. `upstreamId` is the number of the upstream that this process serves. */
export function postgresLaneStore(
  sql: Sql,
  seal: Seal,
  upstreamId: number,
  { name: self = null, now = () => 0 }: Partial<Self> = {},
): LaneStore {
  const days = new Set<number>();
  const write = (items: readonly NewItem[]) => callers.enqueue(sql, seal, upstreamId, items, now());
  const enqueue = gather(async (items: readonly NewItem[]) => {
    await write(items);
    return items;
  }, MOST_AT_ONCE);
  const answerOf = gather((ids: readonly Uuid[]) => callers.answersOf(sql, seal, ids), MOST_ANSWERS_AT_ONCE);
  const isKnown = gather((asked: readonly string[]) => callers.knownFingerprints(sql, asked), MOST_AT_ONCE);
  return {
    async now() {
      const [row] = await sql<{ now: Date }[]>`select clock_timestamp() as now`;
      return row?.now.getTime() ?? 0;
    },

    async enqueue(item) {
      // What the item will cost is booked to the day of its arrival.
      const day = dayOf(uuidTime(item.id));
      if (!days.has(day)) await ensurePartitions(sql, [day]);
      days.add(day);
      if (item.bytes <= MOST_BYTES_GATHERED) await enqueue(item);
      else await write([item]);
    },
    // Most calls were never here: that is found out for many of them at once.
    attach: async (ask) => ((await isKnown(ask.fingerprint)) ? callers.attach(sql, upstreamId, ask) : null),
    detach: (id, epoch, now) => callers.detach(sql, id, epoch, now),
    handOver: (id, epoch, now) => callers.handOver(sql, id, epoch, now),
    hold: (caller, held, now) => callers.hold(sql, caller, held, now),
    hurry: (ids, now) => callers.hurry(sql, ids, now),
    outcomesOf: (caller) => callers.outcomesOf(sql, caller),
    answerOf,
    heartbeat: (caller, leaseUntil) => callers.heartbeat(sql, caller, leaseUntil),

    claimGroup: (claim) => making.claimGroup(sql, upstreamId, claim),
    payloads: (batchId) => making.payloads(sql, seal, batchId),
    newestKnown: (credential) => making.newestKnown(sql, upstreamId, credential),
    posting: (batch, at) => making.posting(sql, batch, at),
    created: (batchId, told) => making.created(sql, batchId, told),
    unknown: (batch, error, now) => making.unknown(sql, batch, error, now),
    voidBatch: (batch, back, error, now) => making.voidBatch(sql, batch, back, error, now),
    takeOver: (now) => making.takeOver(sql, upstreamId, now),

    lease: (name, owner, leaseUntil, now) => watching.lease(sql, upstreamId, name, owner, leaseUntil, now),
    watched: () => watching.watched(sql, upstreamId),
    ended: (id, told, now) => watching.ended(sql, id, told, now),
    owned: (ids) => watching.owned(sql, ids),
    noteCandidates: (batch, note) => watching.noteCandidates(sql, batch, note),
    adopt: (id, told, now) => watching.adopt(sql, id, told, now),

    claimEnded: (claim) => collecting.claimEnded(sql, upstreamId, claim),
    itemsOf: (batchId) => collecting.itemsOf(sql, batchId),
    settleLines: (batch, lines, now, leaseUntil) =>
      collecting.settleLines(sql, seal, batch, lines, now, leaseUntil, self),
    releaseItems: (batch, now) => collecting.releaseItems(sql, batch, now),
    closeBatch: (batch, now, error) => collecting.closeBatch(sql, batch, now, error),
    collectLater: (batch, at, error, isTry) => collecting.collectLater(sql, batch, at, error, isTry),

    claimEscalations: (claim) => escalating.claimEscalations(sql, seal, upstreamId, claim),
    pressing: (until) => escalating.pressing(sql, upstreamId, until),
    renew: (ids, owner, leaseUntil) => escalating.renew(sql, ids, owner, leaseUntil),
    settleEscalation: (item, answer, now) => escalating.settleEscalation(sql, seal, item, answer, now, self),
    escalateLater: (item, attempt, at) => escalating.escalateLater(sql, item, attempt, at),

    ownCredential: (credential) => callers.ownCredential(sql, seal, credential),

    dropAbandoned: (owner, now, graceMs) => housekeeping.dropAbandoned(sql, upstreamId, owner, now, graceMs),
    expire: (now, answer) => housekeeping.expire(sql, seal, upstreamId, now, answer),
    abandonedBatches: () => housekeeping.abandonedBatches(sql, upstreamId),
    cancelRequested: (id, now) => housekeeping.cancelRequested(sql, id, now),
    giveUp: (createdBefore, now) => housekeeping.giveUp(sql, upstreamId, createdBefore, now),
    forgotten: (before, limit) => housekeeping.forgotten(sql, seal, upstreamId, before, limit),
    purge: (closedBefore) => housekeeping.purge(sql, closedBefore),
  };
}
