import type { Uuid } from '@/lib/core/ids';
import type { AttemptRecord } from '@/lib/core/request-record';
import type {
  Adopted,
  AttachAsk,
  Attached,
  Batch,
  BatchClaim,
  BatchItem,
  BatchMark,
  CandidateNote,
  Escalation,
  ForgottenItem,
  HeldItem,
  ItemAnswer,
  ItemsBack,
  LaneStore,
  NewItem,
  Payload,
  Posting,
  SettleCount,
  SettledLine,
} from '@/lib/store/lane/lane-store';
import type { MemoryBatch, MemoryItem, MemoryLaneDatabase } from './memory-lane-database';

const LOST_PROCESS_MS = 60_000;
const NEW_MS = 10_000;
const LIVE = new Set<Batch['state']>(['intent', 'posting', 'unknown', 'open', 'ended']);

/**
 * The lane's store in memory. What Postgres does in one statement or transaction happens in one go here, so that there
 * is nothing to lock and nothing to skip; conditions, leases and epochs are the same. One test holds both to that.
 */
export class MemoryLaneStore implements LaneStore {
  constructor(
    private readonly db: MemoryLaneDatabase,
    private readonly upstreamId: number,
    private readonly clock: () => number,
  ) {}

  async now(): Promise<number> {
    return this.clock();
  }

  // Callers.

  async enqueue({ ownCredential, payload, ...item }: NewItem): Promise<void> {
    const { db } = this;
    if (db.items.has(item.id)) throw new Error('duplicate key: items');
    db.items.set(item.id, {
      ...item,
      upstreamId: this.upstreamId,
      state: 'queued',
      outcome: null,
      notBefore: null,
      batchId: null,
      customId: null,
      callerEpoch: 0,
      goneAt: null,
      handOvers: 0,
      outcomeAt: null,
      closedAt: null,
      leaseOwner: null,
      leaseEpoch: 0,
      leaseUntil: null,
    });
    db.bodies.set(item.id, payload);
    if (ownCredential) db.credentials.set(item.group.credential, ownCredential);
  }

  async attach({ fingerprint, isRetry, fallbackIn, caller, now, windowMs }: AttachAsk): Promise<Attached | null> {
    const isFailedStream = ({ opened }: MemoryItem) =>
      opened.stream && opened.sessionId === fallbackIn?.sessionId && opened.agentId === fallbackIn?.agentId;
    const isHeld = (item: MemoryItem) => item.caller === caller || this.#isHeld(item, now);
    const [item] = this.#items(
      (i) =>
        i.fingerprint === fingerprint &&
        i.outcome !== 'dropped' &&
        (i.state === 'done' ? (i.outcomeAt ?? 0) > now - windowMs : i.answerBy > now) &&
        (isRetry || ((i.closedAt === null || i.goneAt !== null) && !isHeld(i)) || isFailedStream(i)),
    ).sort(
      (a, b) =>
        Number(a.closedAt !== null) - Number(b.closedAt !== null) ||
        Number(isHeld(a)) - Number(isHeld(b)) ||
        a.callerEpoch - b.callerEpoch ||
        byId(a, b),
    );
    if (!item) return null;
    const displaced = isHeld(item) ? item.caller : null;
    item.caller = caller;
    item.callerEpoch++;
    item.goneAt = null;
    const { id, callerEpoch, opened, state, handOvers, answerBy } = item;
    return { id, callerEpoch, opened, state, handOvers, answerBy, displaced };
  }

  async detach(id: Uuid, callerEpoch: number, now: number): Promise<void> {
    const item = this.db.items.get(id);
    if (item?.callerEpoch !== callerEpoch) return;
    item.caller = null;
    item.goneAt = now;
    item.callerEpoch++;
  }

  async handOver(id: Uuid, callerEpoch: number, now: number): Promise<void> {
    const item = this.db.items.get(id);
    if (item?.callerEpoch !== callerEpoch) return;
    await this.detach(id, callerEpoch, now);
    item.handOvers++;
  }

  async hold(caller: string, held: readonly HeldItem[], now: number): Promise<Uuid[]> {
    const lost: Uuid[] = [];
    const known = new Set(held.map(({ id }) => id));
    for (const item of this.db.items.values()) {
      if (item.caller !== caller || item.closedAt !== null || item.arrivedAt >= now - NEW_MS || known.has(item.id))
        continue;
      item.caller = null;
      item.goneAt = now;
    }
    for (const { id, callerEpoch } of held) {
      const item = this.db.items.get(id);
      const isLost = !item || item.callerEpoch !== callerEpoch || item.closedAt !== null || item.outcome === 'dropped';
      if (isLost) lost.push(id);
      else if (item.caller === null) {
        item.caller = caller;
        item.goneAt = null;
      }
    }
    return lost;
  }

  async hurry(ids: readonly Uuid[], now: number): Promise<void> {
    for (const id of ids) {
      const item = this.db.items.get(id);
      if (!item || item.escalateAt === null || !['queued', 'batched'].includes(item.state)) continue;
      item.escalateAt = Math.min(item.escalateAt, now);
    }
  }

  async outcomesOf(caller: string): Promise<HeldItem[]> {
    const done = [...this.db.items.values()].filter(
      (i) => i.caller === caller && i.state === 'done' && i.closedAt === null,
    );
    return done.map(({ id, callerEpoch }) => ({ id, callerEpoch }));
  }

  async answerOf(id: Uuid): Promise<ItemAnswer | null> {
    return this.db.results.get(id) ?? null;
  }

  async heartbeat(caller: string, leaseUntil: number): Promise<void> {
    this.db.leases.set(`process:${caller}`, { owner: caller, leaseUntil });
  }

  // Making batches.

  async claimGroup(claim: BatchClaim): Promise<Batch | null> {
    const { now } = claim;
    const paused = new Set(
      this.#items((i) => i.state === 'queued' && i.notBefore !== null && i.notBefore > now).map(
        ({ group }) => group.credential,
      ),
    );
    const groups = new Map<string, MemoryItem[]>();
    const isInTime = (i: MemoryItem) => i.escalateAt === null || i.escalateAt > now;
    for (const item of this.#items((i) => i.state === 'queued' && i.goneAt === null && isInTime(i))) {
      if (paused.has(item.group.credential)) continue;
      groups.set(item.group.key, [...(groups.get(item.group.key) ?? []), item]);
    }
    const due = [...groups.values()].filter(
      (items) =>
        first(items) <= now ||
        items.length >= Math.min(...items.map(({ maxItems }) => maxItems)) ||
        sum(items) >= claim.mostBytes,
    );
    const isBeingSent = ([item]: MemoryItem[]) =>
      [...this.db.batches.values()].some(
        ({ groupKey, state }) => groupKey === item?.group.key && (state === 'intent' || state === 'posting'),
      );
    const [group] = due.sort((a, b) => Number(isBeingSent(a)) - Number(isBeingSent(b)) || first(a) - first(b));
    if (!group) return null;
    const most = Math.min(claim.mostItems, ...group.map(({ maxItems }) => maxItems));
    const fitting: MemoryItem[] = [];
    const oldest = group.sort(byId);
    for (const item of (oldest.length > most ? inTurns(oldest) : oldest).slice(0, most)) {
      if (fitting.length > 0 && sum(fitting) + item.bytes > claim.mostBytes) break;
      fitting.push(item);
    }
    const [head] = fitting;
    if (!head) return null;
    const { key, credential, headers, model, sizeClass } = head.group;
    const batch: MemoryBatch = {
      id: claim.id,
      upstreamId: this.upstreamId,
      state: 'intent',
      msgbatchId: null,
      nonce: claim.nonce,
      credential,
      groupKey: key,
      headers,
      model,
      sizeClass,
      items: fitting.length,
      bytes: sum(fitting),
      createdAt: now,
      postingAt: null,
      postDeadlineAt: null,
      watermark: null,
      candidates: [],
      foreign: [],
      absentSince: null,
      upstreamCreatedAt: null,
      expiresAt: null,
      endedAt: null,
      seenEndedAt: null,
      closedAt: null,
      cancelRequestedAt: null,
      counts: null,
      collectTries: 0,
      collectAfter: null,
      error: null,
      leaseOwner: claim.owner,
      epoch: 1,
      leaseUntil: claim.leaseUntil,
    };
    this.db.batches.set(batch.id, batch);
    for (const item of fitting) {
      item.state = 'batched';
      item.batchId = batch.id;
      item.customId = `${claim.nonce}-${item.id.replaceAll('-', '')}`;
    }
    return told(batch);
  }

  async payloads(batchId: Uuid): Promise<{ customId: string; payload: Payload }[]> {
    return this.#of(batchId)
      .filter(({ state }) => state === 'batched')
      .sort(byId)
      .flatMap(({ id, customId }) => {
        const payload = this.db.bodies.get(id);
        return payload ? [{ customId: customId ?? '', payload }] : [];
      });
  }

  async newestKnown(credential: string): Promise<string | null> {
    const [newest] = this.#batches((b) => b.credential === credential && b.msgbatchId !== null).sort(
      (a, b) => (b.upstreamCreatedAt ?? 0) - (a.upstreamCreatedAt ?? 0),
    );
    return newest?.msgbatchId ?? null;
  }

  async posting({ id, epoch }: Batch, at: Posting): Promise<boolean> {
    const batch = this.db.batches.get(id);
    if (batch?.state !== 'intent' || batch.epoch !== epoch || (batch.leaseUntil ?? 0) <= at.now) return false;
    batch.state = 'posting';
    batch.postingAt = at.now;
    batch.watermark = at.watermark;
    batch.items = at.items;
    batch.bytes = at.bytes;
    batch.postDeadlineAt = at.postDeadlineAt;
    batch.leaseUntil = at.postDeadlineAt;
    return true;
  }

  async created(
    batchId: Uuid,
    made: { msgbatchId: string; createdAt: number; expiresAt: number | null },
  ): Promise<boolean> {
    const batch = this.db.batches.get(batchId);
    if (!batch || !['posting', 'unknown', 'void'].includes(batch.state)) return false;
    this.#expectUnique(made.msgbatchId, batchId);
    batch.state = 'open';
    batch.msgbatchId = made.msgbatchId;
    batch.upstreamCreatedAt = made.createdAt;
    batch.expiresAt = made.expiresAt;
    batch.candidates = [];
    batch.closedAt = null;
    free(batch);
    return true;
  }

  async unknown({ id, epoch }: Batch, error: string, now: number): Promise<boolean> {
    const batch = this.db.batches.get(id);
    if (!batch || !['posting', 'unknown', 'void'].includes(batch.state) || batch.epoch !== epoch) return false;
    batch.state = 'unknown';
    batch.error = error;
    batch.postDeadlineAt = Math.max(batch.postDeadlineAt ?? now, now);
    batch.absentSince = null;
    batch.closedAt = null;
    batch.epoch++;
    free(batch);
    return true;
  }

  async voidBatch(
    { id: batchId, state, epoch }: BatchMark,
    back: ItemsBack,
    error: string,
    now: number,
  ): Promise<boolean> {
    const batch = this.db.batches.get(batchId);
    if (batch?.state !== state || batch.epoch !== epoch) return false;
    batch.state = 'void';
    batch.error = error;
    batch.closedAt = now;
    free(batch);
    for (const item of this.#of(batchId)) {
      if (item.state === 'done') continue;
      if (item.state === 'batched' && back.to === 'queue') {
        item.state = 'queued';
        item.notBefore = back.notBefore;
      } else if (item.state === 'batched') {
        item.state = 'escalating';
        item.escalateAt = now;
      }
      item.batchId = null;
      item.customId = null;
    }
    return true;
  }

  async takeOver(now: number): Promise<number> {
    let taken = 0;
    for (const batch of this.#batches((b) => b.leaseUntil !== null && b.leaseUntil <= now)) {
      if (batch.state === 'intent') {
        const back: ItemsBack = { to: 'queue', notBefore: null };
        if (await this.voidBatch(batch, back, 'its maker stopped', now)) taken++;
      } else if (batch.state === 'posting') {
        batch.state = 'unknown';
        batch.error = 'its maker stopped';
        free(batch);
        taken++;
      }
    }
    return taken;
  }

  // Watching.

  async lease(name: string, owner: string, leaseUntil: number, now: number): Promise<boolean> {
    const key = `${this.upstreamId}:${name}`;
    const held = this.db.leases.get(key);
    if (held && held.owner !== owner && held.leaseUntil > now) return false;
    this.db.leases.set(key, { owner, leaseUntil });
    return true;
  }

  async watched(): Promise<Batch[]> {
    return this.#batches(({ state }) => state === 'open' || state === 'unknown')
      .sort((a, b) => a.createdAt - b.createdAt)
      .map(told);
  }

  async ended(
    batchId: Uuid,
    { endedAt, counts }: { endedAt: number; counts: Record<string, number> },
    now: number,
  ): Promise<boolean> {
    const batch = this.db.batches.get(batchId);
    if (batch?.state !== 'open') return false;
    Object.assign(batch, { state: 'ended', endedAt, counts, seenEndedAt: now });
    return true;
  }

  async owned(msgbatchIds: readonly string[]): Promise<Set<string>> {
    const known = new Set([...this.db.batches.values()].map(({ msgbatchId }) => msgbatchId));
    return new Set(msgbatchIds.filter((id) => known.has(id)));
  }

  async noteCandidates({ id, epoch }: BatchMark, note: CandidateNote): Promise<void> {
    const batch = this.db.batches.get(id);
    if (batch?.state === 'unknown' && batch.epoch === epoch) Object.assign(batch, note);
  }

  async adopt(batchId: Uuid, { msgbatchId, createdAt, endedAt, counts }: Adopted, now: number): Promise<boolean> {
    const batch = this.db.batches.get(batchId);
    if (batch?.state !== 'unknown') return false;
    this.#expectUnique(msgbatchId, batchId);
    Object.assign(batch, { state: 'ended', msgbatchId, endedAt, counts, seenEndedAt: now, candidates: [] });
    batch.upstreamCreatedAt = createdAt;
    return true;
  }

  // Collecting.

  async claimEnded(claim: { owner: string; leaseUntil: number; now: number }): Promise<Batch | null> {
    const { owner, leaseUntil, now } = claim;
    const [batch] = this.#batches(
      (b) =>
        b.state === 'ended' &&
        (b.leaseUntil === null || b.leaseUntil <= now) &&
        (b.collectAfter === null || b.collectAfter <= now),
    ).sort((a, b) => (a.seenEndedAt ?? 0) - (b.seenEndedAt ?? 0));
    if (!batch) return null;
    batch.leaseOwner = owner;
    batch.epoch++;
    batch.leaseUntil = leaseUntil;
    return told(batch);
  }

  async itemsOf(batchId: Uuid): Promise<Map<string, BatchItem>> {
    const items = this.#of(batchId).map(({ id, customId, group, arrivedAt, opened }) => ({
      ...(opened.warmPrefixTokens !== undefined && {
        warmPrefix: { tokens: opened.warmPrefixTokens, of: opened.prefixTokens ?? opened.warmPrefixTokens },
      }),
      id,
      customId: customId ?? '',
      model: group.model,
      arrivedAt,
    }));
    return new Map(items.map((item) => [item.customId, item]));
  }

  async settleLines(
    { id: batchId, epoch }: Batch,
    lines: readonly SettledLine[],
    now: number,
    leaseUntil: number,
  ): Promise<SettleCount | null> {
    const { db } = this;
    const batch = db.batches.get(batchId);
    if (batch?.state !== 'ended' || batch.epoch !== epoch) return null;
    batch.leaseUntil = leaseUntil;
    const settled: Uuid[] = [];
    let late = 0;
    for (const { itemId, kind, attempt, answer } of new Map(lines.map((line) => [line.itemId, line])).values()) {
      const item = db.items.get(itemId);
      if (!item && !db.logged.has(itemId)) continue;
      const isDone = !item || item.state === 'done';
      if (isDone && kind === 'answer' && !db.attempts.get(itemId)?.has(attempt.key)) late++;
      db.book(itemId, attempt);
      if (isDone) continue;
      if (kind === 'again' && (item.batchId !== batchId || item.state === 'escalating')) continue;
      if (kind === 'again' && item.escalateAt !== null && item.answerBy > now) {
        Object.assign(item, { state: 'escalating', escalateAt: now, leaseUntil: null });
        continue;
      }
      this.#finish(item, answer, now);
      settled.push(itemId);
    }
    return { settled, late };
  }

  async releaseItems({ id, epoch }: Batch, now: number): Promise<boolean> {
    const batch = this.db.batches.get(id);
    if (batch?.state !== 'ended' || batch.epoch !== epoch) return false;
    this.#toSync(id, now);
    return true;
  }

  async closeBatch({ id, epoch }: Batch, now: number, error: string | null): Promise<boolean> {
    const batch = this.db.batches.get(id);
    if (!batch || !['ended', 'open', 'unknown'].includes(batch.state) || batch.epoch !== epoch) return false;
    Object.assign(batch, { state: 'closed', closedAt: now, error });
    free(batch);
    this.#toSync(id, now);
    return true;
  }

  async collectLater({ id, epoch }: Batch, at: number, error: string, isTry: boolean): Promise<void> {
    const batch = this.db.batches.get(id);
    if (batch?.state !== 'ended' || batch.epoch !== epoch) return;
    Object.assign(batch, { collectTries: batch.collectTries + Number(isTry), collectAfter: at, error });
    free(batch);
  }

  // Answering synchronously.

  async claimEscalations(claim: Parameters<LaneStore['claimEscalations']>[0]): Promise<Escalation[]> {
    const { db } = this;
    const { now } = claim;
    const left = new Map(claim.limits.map(({ credential, most }) => [credential, most]));
    const pressing = this.#items(
      (i) =>
        i.state !== 'done' &&
        !i.isProbe &&
        i.goneAt === null &&
        i.answerBy > now &&
        i.escalateAt !== null &&
        i.escalateAt <= now + claim.leadMs &&
        (i.state !== 'escalating' || (i.leaseUntil === null ? i.escalateAt <= now : i.leaseUntil <= now)),
    ).sort((a, b) => (a.escalateAt ?? 0) - (b.escalateAt ?? 0) || byId(a, b));
    const inOrder = claim.isCrowded || claim.limits.length > 0 ? inTurns(pressing) : pressing;
    const due = inOrder.filter(({ group }) => {
      const most = left.get(group.credential) ?? Number.POSITIVE_INFINITY;
      left.set(group.credential, most - 1);
      return most > 0;
    });
    return due.slice(0, claim.limit).map((item) => {
      item.state = 'escalating';
      item.leaseOwner = claim.owner;
      item.leaseEpoch++;
      item.leaseUntil = claim.leaseUntil;
      const payload = db.bodies.get(item.id);
      if (!payload) throw new Error('an open item has no body');
      return {
        id: item.id,
        epoch: item.leaseEpoch,
        opened: item.opened,
        credential: item.group.credential,
        payload,
        answerBy: item.answerBy,
        msgbatchId: (item.batchId && db.batches.get(item.batchId)?.msgbatchId) ?? null,
      };
    });
  }

  async pressing(until: number): Promise<number> {
    return this.#items(
      (i) =>
        i.state !== 'done' &&
        !i.isProbe &&
        i.escalateAt !== null &&
        i.escalateAt <= until &&
        i.goneAt === null &&
        i.leaseUntil === null,
    ).length;
  }

  async renew(ids: readonly Uuid[], owner: string, leaseUntil: number): Promise<void> {
    for (const id of ids) {
      const item = this.db.items.get(id);
      if (item?.state === 'escalating' && item.leaseOwner === owner && item.leaseUntil !== null) {
        item.leaseUntil = leaseUntil;
      }
    }
  }

  async settleEscalation({ id, epoch }: Escalation, answer: ItemAnswer, now: number): Promise<'settled' | 'lost'> {
    const item = this.db.items.get(id);
    const isMine = item !== undefined && item.state !== 'done' && item.leaseEpoch === epoch;
    if (isMine) this.#finish(item, answer, now);
    if (answer.attempt) this.db.book(id, answer.attempt);
    return isMine ? 'settled' : 'lost';
  }

  async escalateLater({ id, epoch }: Escalation, attempt: AttemptRecord | null, at: number): Promise<boolean> {
    const item = this.db.items.get(id);
    if (attempt) this.db.book(id, attempt);
    if (item?.state !== 'escalating' || item.leaseEpoch !== epoch) return false;
    Object.assign(item, { escalateAt: at, leaseOwner: null, leaseUntil: null });
    return true;
  }

  async ownCredential(credential: string): Promise<[string, string][] | null> {
    return this.db.credentials.get(credential) ?? null;
  }

  // Keeping house.

  async dropAbandoned(owner: string, now: number, graceMs: number): Promise<Uuid[]> {
    const { db } = this;
    for (const item of this.#items(
      (i) => i.closedAt === null && i.caller !== null && i.caller !== owner && !this.#isHeld(i, now),
    )) {
      item.caller = null;
      item.goneAt = now;
    }
    for (const [name, { leaseUntil }] of db.leases) if (leaseUntil < now - LOST_PROCESS_MS) db.leases.delete(name);
    const abandoned = this.#items(
      (i) =>
        (i.state === 'queued' && i.goneAt !== null && i.goneAt < now - graceMs) ||
        (i.state !== 'done' && i.caller === null && i.answerBy < now - graceMs),
    );
    for (const item of abandoned) {
      Object.assign(item, { state: 'done', outcome: 'dropped', outcomeAt: now, leaseUntil: null });
    }
    return abandoned.map(({ id }) => id);
  }

  async expire(now: number, answer: ItemAnswer): Promise<Uuid[]> {
    const overdue = this.#items(
      (i) =>
        i.state !== 'done' &&
        (i.answerBy <= now || (i.isProbe === true && i.state === 'escalating')) &&
        (i.leaseUntil === null || i.leaseUntil <= now),
    );
    for (const item of overdue) this.#finish(item, answer, now);
    return overdue.map(({ id }) => id);
  }

  async abandonedBatches(): Promise<Batch[]> {
    return this.#batches(
      (b) => b.state === 'open' && b.cancelRequestedAt === null && this.#of(b.id).every((i) => i.state === 'done'),
    ).map(told);
  }

  async cancelRequested(batchId: Uuid, now: number): Promise<void> {
    const batch = this.db.batches.get(batchId);
    if (batch) batch.cancelRequestedAt = now;
  }

  async giveUp(createdBefore: number, now: number): Promise<number> {
    const over = this.#batches(
      (b) =>
        ['unknown', 'open', 'ended'].includes(b.state) &&
        b.createdAt < createdBefore &&
        this.#of(b.id).every((i) => i.state === 'done'),
    );
    for (const batch of over) Object.assign(batch, { state: 'closed', closedAt: now });
    return over.length;
  }

  async forgotten(before: number, limit: number): Promise<ForgottenItem[]> {
    return this.#items(
      (i) =>
        i.state === 'done' &&
        i.closedAt === null &&
        (((i.outcomeAt ?? 0) < before && i.caller === null) || i.outcome === 'dropped' || i.isProbe === true),
    )
      .sort((a, b) => (a.outcomeAt ?? 0) - (b.outcomeAt ?? 0))
      .slice(0, limit)
      .map(({ id, opened, outcome, outcomeAt, isProbe }) => ({
        id,
        opened,
        outcome: outcome ?? 'dropped',
        outcomeAt: outcomeAt ?? 0,
        isProbe: isProbe ?? false,
        answer: this.db.results.get(id) ?? null,
      }));
  }

  async purge(closedBefore: number): Promise<void> {
    const { db } = this;
    const over: Uuid[] = [];
    for (const item of db.items.values()) {
      if (item.closedAt === null || item.closedAt >= closedBefore || item.state !== 'done') continue;
      db.bodies.delete(item.id);
      db.results.delete(item.id);
      const batch = item.batchId ? db.batches.get(item.batchId) : undefined;
      if (!batch || (!LIVE.has(batch.state) && this.#isOver(batch, closedBefore))) over.push(item.id);
    }
    for (const id of over) db.items.delete(id);
    for (const credential of db.credentials.keys()) {
      const isNeeded =
        [...db.items.values()].some((i) => i.group.credential === credential && i.state !== 'done') ||
        [...db.batches.values()].some((b) => b.credential === credential && LIVE.has(b.state));
      if (!isNeeded) db.credentials.delete(credential);
    }
  }

  #items(which: (item: MemoryItem) => boolean): MemoryItem[] {
    return [...this.db.items.values()].filter((item) => item.upstreamId === this.upstreamId && which(item));
  }

  #of(batchId: Uuid): MemoryItem[] {
    return [...this.db.items.values()].filter((item) => item.batchId === batchId);
  }

  #batches(which: (batch: MemoryBatch) => boolean): MemoryBatch[] {
    return [...this.db.batches.values()].filter((batch) => batch.upstreamId === this.upstreamId && which(batch));
  }

  #isHeld({ caller }: MemoryItem, now: number): boolean {
    return caller !== null && (this.db.leases.get(`process:${caller}`)?.leaseUntil ?? 0) > now;
  }

  /** Nothing of a closed batch can change any more: what became of it is written down. */
  #isOver({ id, state, closedAt }: MemoryBatch, before: number): boolean {
    if (state !== 'closed') return true;
    const isOver = (at: number | null) => at !== null && at < before;
    return isOver(closedAt) && this.#of(id).every((item) => isOver(item.closedAt));
  }

  #toSync(batchId: Uuid, now: number): void {
    for (const item of this.#of(batchId)) {
      if (item.state === 'batched') Object.assign(item, { state: 'escalating', escalateAt: now, leaseUntil: null });
    }
  }

  #finish(item: MemoryItem, answer: ItemAnswer, now: number): void {
    Object.assign(item, { state: 'done', outcome: answer.outcome, outcomeAt: now, leaseUntil: null });
    if (!this.db.results.has(item.id)) this.db.results.set(item.id, answer);
  }

  #expectUnique(msgbatchId: string, batchId: Uuid): void {
    for (const batch of this.db.batches.values()) {
      if (batch.msgbatchId === msgbatchId && batch.id !== batchId) throw new Error('duplicate key: batches');
    }
  }
}

function told(row: MemoryBatch): Batch {
  const {
    groupKey: _groupKey,
    seenEndedAt: _seenEndedAt,
    closedAt: _closedAt,
    cancelRequestedAt: _cancelRequestedAt,
    collectAfter: _collectAfter,
    error: _error,
    leaseOwner: _leaseOwner,
    leaseUntil: _leaseUntil,
    ...batch
  } = row;
  return { ...batch, candidates: [...batch.candidates], foreign: [...batch.foreign] };
}

function free(batch: MemoryBatch): void {
  batch.leaseOwner = null;
  batch.leaseUntil = null;
}

/** The first of each key, then the second of each, and so on; each key's in the order in which they are given. */
function inTurns(items: readonly MemoryItem[]): MemoryItem[] {
  const turns = new Map<string, number>();
  const waiting = items.map((item) => {
    const key = item.opened.keyId ?? item.group.credential;
    const turn = (turns.get(key) ?? 0) + 1;
    turns.set(key, turn);
    return { item, turn };
  });
  return waiting.sort((a, b) => a.turn - b.turn).map(({ item }) => item);
}

function byId(a: { id: string }, b: { id: string }): number {
  return a.id < b.id ? -1 : Number(a.id > b.id);
}

/** When the first of them has waited long enough. */
function first(items: readonly MemoryItem[]): number {
  return Math.min(...items.map(({ windowEndsAt }) => windowEndsAt));
}

function sum(items: readonly MemoryItem[]): number {
  return items.reduce((total, { bytes }) => total + bytes, 0);
}
