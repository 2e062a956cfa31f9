import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Uuid } from '@/lib/core/ids';
import { answer, line, MINUTE_MS, newItem, nextId, syncAnswer } from '@/lib/testing/lane/lane-items';
import { type Bench, type BenchMaker, memoryBenches, postgresBenches } from '@/lib/testing/lane/store-benches';
import { openedRecord } from '@/lib/testing/records';
import type { Batch, LaneStore, NewItem } from './lane-store';

/** What Postgres does is the truth; the simulation's store in memory must do the same. */
describe.each([
  ['in memory', memoryBenches],
  ['in Postgres', postgresBenches],
] as const)('the lane’s store %s', (_, open) => {
  let maker: BenchMaker;
  let bench: Bench;
  let store: LaneStore;
  const now = Date.now();

  beforeAll(async () => {
    maker = await open();
  });
  afterAll(() => maker.close());
  beforeEach(async () => {
    bench = await maker.bench();
    store = bench.store;
    await store.heartbeat('web-1', now + MINUTE_MS);
  });

  const queue = async (over: Parameters<typeof newItem>[1] = {}): Promise<NewItem> => {
    const item = newItem(now, over);
    await store.enqueue(item);
    return item;
  };
  const claim = (over: Partial<Parameters<LaneStore['claimGroup']>[0]> = {}) =>
    store.claimGroup({
      id: nextId(now),
      nonce: randomBytes(12).toString('hex'),
      owner: 'lane-1',
      leaseUntil: now + 30_000,
      now,
      mostBytes: 32 * 1024 * 1024,
      mostItems: 100_000,
      ...over,
    });
  const claimed = async (over = {}): Promise<Batch> => {
    const batch = await claim(over);
    if (!batch) throw new Error('no group was due');
    return batch;
  };
  const post = async (batch: Batch, at = now): Promise<Batch> => {
    const mark = { now: at, postDeadlineAt: at + 30_000, watermark: '', items: batch.items, bytes: batch.bytes };
    expect(await store.posting(batch, mark)).toBe(true);
    return batch;
  };
  const upstreamId = () => `msgbatch_${randomBytes(8).toString('hex')}`;
  const opened = async (batch: Batch, msgbatchId = upstreamId()): Promise<Batch> => {
    await post(batch);
    expect(await store.created(batch.id, { msgbatchId, createdAt: now, expiresAt: null })).toBe(true);
    return { ...batch, msgbatchId };
  };
  const endedBatch = async (): Promise<Batch> => {
    const batch = await opened(await claimed());
    expect(await store.ended(batch.id, { endedAt: now, counts: { succeeded: batch.items } }, now)).toBe(true);
    const mine = await store.claimEnded({ owner: 'lane-1', leaseUntil: now + 30_000, now });
    if (!mine) throw new Error('nothing has ended');
    return mine;
  };
  const settle = (batch: Batch, lines: ReturnType<typeof line>[], at = now) =>
    store.settleLines(batch, lines, at, at + 30_000);
  const escalations = (over: Partial<Parameters<LaneStore['claimEscalations']>[0]> = {}) =>
    store.claimEscalations({
      owner: 'lane-1',
      leaseUntil: now + 30_000,
      now,
      leadMs: 1,
      limit: 10,
      limits: [],
      isCrowded: false,
      ...over,
    });
  const stateOf = async ({ id }: { id: Uuid }) => (await bench.item(id))?.state;
  const keys = async ({ id }: { id: Uuid }) => (await bench.attempts(id)).map(({ key }) => key);

  describe('making batches', () => {
    it('takes a group as a batch when its window is over, with a custom id for each item', async () => {
      const first = await queue({ windowEndsAt: now + 5_000 });
      const second = await queue({ windowEndsAt: now + 9_000 });
      expect(await claim({ now: now + 4_999 })).toBeNull();
      const batch = await claimed({ nonce: 'n0nce', now: now + 5_000 });
      expect(batch).toMatchObject({
        state: 'intent',
        items: 2,
        bytes: first.bytes + second.bytes,
        nonce: 'n0nce',
        credential: 'key:default',
        headers: [['anthropic-version', '2023-06-01']],
        model: 'm',
        sizeClass: 'small',
        createdAt: now + 5_000,
        msgbatchId: null,
        candidates: [],
        foreign: [],
        epoch: 1,
      });
      const customId = `n0nce-${first.id.replaceAll('-', '')}`;
      expect(await bench.item(first.id)).toMatchObject({ state: 'batched', batchId: batch.id, customId });
      const payloads = await store.payloads(batch.id);
      expect(payloads.map(({ customId }) => customId)).toEqual([customId, `n0nce-${second.id.replaceAll('-', '')}`]);
      expect(payloads[0]?.payload).toEqual(first.payload);
      const found = (await store.itemsOf(batch.id)).get(customId);
      expect(found).toEqual({ id: first.id, customId, model: 'm', arrivedAt: now });
      expect(await claim({ now: now + 5_000 })).toBeNull();
    });

    it('takes a full group before its window is over, and no more than fit', async () => {
      const far = { windowEndsAt: now + MINUTE_MS, maxItems: 3 };
      const items = [await queue(far), await queue(far)];
      expect(await claim()).toBeNull();
      items.push(await queue(far), await queue(far));
      expect((await claimed()).items).toBe(3);
      expect(await stateOf(items[3] as NewItem)).toBe('queued');
      expect(await claim()).toBeNull();
    });

    it('takes no more items or bytes than it is told, but always one item', async () => {
      const items = [await queue({ bytes: 60 }), await queue({ bytes: 50 }), await queue({ bytes: 500 })];
      expect(await claimed({ mostBytes: 100 })).toMatchObject({ items: 1, bytes: 60 });
      expect(await claimed({ mostBytes: 550 })).toMatchObject({ items: 2, bytes: 550 });
      await queue({ bytes: 5 });
      await queue({ bytes: 5 });
      expect((await claimed({ mostItems: 1 })).items).toBe(1);
      await queue({ bytes: 500, windowEndsAt: now + MINUTE_MS, group: { key: 'large' } });
      expect((await claimed()).items).toBe(1);
      expect(await claim({ mostBytes: 501 })).toBeNull();
      expect((await claimed({ mostBytes: 500 })).bytes).toBe(500);
      expect(items).toHaveLength(3);
    });

    it('keeps groups apart, the most urgent first', async () => {
      const later = await queue({ windowEndsAt: now - 1, group: { key: 'b', model: 'mb' } });
      const first = await queue({ windowEndsAt: now - 2, group: { key: 'a', model: 'ma' } });
      expect((await claimed()).model).toBe('ma');
      expect((await claimed()).model).toBe('mb');
      expect([await stateOf(first), await stateOf(later)]).toEqual(['batched', 'batched']);
    });

    it('lets nobody’s flood keep another key of its group waiting: each has its turn in a batch', async () => {
      const ofKey = (keyId: Uuid) => async () => {
        const id = nextId(now);
        return queue({
          id,
          maxItems: 4,
          opened: openedRecord({ id, keyId, arrivedAt: now, lane: 'batch', model: 'm' }),
        });
      };
      const [flooding, other] = [nextId(now), nextId(now)];
      const flood = [];
      for (let i = 0; i < 9; i++) flood.push(await ofKey(flooding)());
      const few = [await ofKey(other)(), await ofKey(other)()];
      await claimed();
      const taken = [flood[0], flood[1], ...few];
      expect(await Promise.all([...flood, ...few].map(stateOf))).toEqual(
        [...flood, ...few].map((item) => (taken.includes(item) ? 'batched' : 'queued')),
      );
      // A batch that is full in bytes as well.
      const more = await ofKey(other)();
      const [{ bytes } = { bytes: 0 }] = flood;
      expect((await claimed({ mostBytes: 2 * bytes + 1 })).items).toBe(2);
      expect([await stateOf(more), await stateOf(flood[2] ?? more)]).toEqual(['batched', 'batched']);
    });

    it('lets a group of which a batch is being sent wait for those that have none', async () => {
      for (let i = 0; i < 3; i++)
        await queue({ maxItems: 1, windowEndsAt: now - 10, group: { key: 'flood', model: 'mf' } });
      await queue({ windowEndsAt: now, group: { key: 'other', model: 'mo' } });
      const first = await claimed();
      expect(first.model).toBe('mf');
      expect((await claimed()).model).toBe('mo');
      await opened(first);
      expect((await claimed()).model).toBe('mf');
    });

    it('leaves what is due for a synchronous answer to that: in a batch it would be paid for twice', async () => {
      const due = await queue({ escalateAt: now });
      expect(await claim()).toBeNull();
      const inTime = await queue({ escalateAt: now + 1 });
      const never = await queue({ escalateAt: null });
      expect((await claimed()).items).toBe(2);
      expect(await Promise.all([due, inTime, never].map(stateOf))).toEqual(['queued', 'batched', 'batched']);
    });

    it('leaves items whose caller is gone until it is back', async () => {
      const item = await queue();
      await store.detach(item.id, 0, now);
      expect(await claim()).toBeNull();
      await store.attach({ fingerprint: item.fingerprint, isRetry: true, caller: 'web-1', now, windowMs: 1 });
      expect((await claimed()).items).toBe(1);
    });

    it('lets a credential that upstream asked to wait wait whole, and no other', async () => {
      await queue();
      const batch = await post(await claimed());
      const back = { to: 'queue', notBefore: now + 5_000 } as const;
      expect(await store.voidBatch({ ...batch, state: 'posting' }, back, '429', now)).toBe(true);
      await queue({ group: { key: 'newer' } });
      await queue({ group: { key: 'of another', credential: 'key:b', model: 'b' } });
      expect((await claimed()).model).toBe('b');
      expect(await claim({ now: now + 4_999 })).toBeNull();
      expect((await claimed({ now: now + 5_000 })).model).toBe('m');
      expect(await claim({ now: now + 5_000 })).not.toBeNull();
    });

    it('marks a batch as being sent only within its lease, once', async () => {
      await queue();
      const batch = await claimed({ leaseUntil: now + 100 });
      const mark = { now, postDeadlineAt: now + 30_000, watermark: 'w', items: 1, bytes: 7 };
      expect(await store.posting({ ...batch, epoch: 2 }, mark)).toBe(false);
      expect(await store.posting(batch, { ...mark, now: now + 100 })).toBe(false);
      expect(await store.posting(batch, { ...mark, now: now + 99 })).toBe(true);
      expect(await store.posting(batch, mark)).toBe(false);
      expect(await store.unknown(batch, 'no answer', now)).toBe(true);
      expect(await store.watched()).toMatchObject([
        { state: 'unknown', postingAt: now + 99, postDeadlineAt: now + 30_000, watermark: 'w', items: 1, bytes: 7 },
      ]);
    });

    it('opens a batch that was being sent or is unknown', async () => {
      await queue();
      const sent = await opened(await claimed());
      expect(await store.created(sent.id, { msgbatchId: upstreamId(), createdAt: now, expiresAt: null })).toBe(false);
      await queue();
      const lost = await post(await claimed());
      await store.unknown(lost, 'x', now);
      await store.noteCandidates({ ...lost, epoch: 2 }, { candidates: ['c'], foreign: ['f'], absentSince: now });
      expect((await store.watched())[1]).toMatchObject({ candidates: ['c'], foreign: ['f'], absentSince: now });
      const msgbatchId = upstreamId();
      expect(await store.created(lost.id, { msgbatchId, createdAt: now + 1, expiresAt: now + 9 })).toBe(true);
      expect((await store.watched())[1]).toMatchObject({
        state: 'open',
        msgbatchId,
        candidates: [],
        expiresAt: now + 9,
      });
      expect(await store.newestKnown('key:default')).toBe(msgbatchId);
      expect(await store.newestKnown('key:b')).toBeNull();
    });

    it('gives the items of a void batch back to the queue, or to sync', async () => {
      const item = await queue();
      const batch = await claimed();
      expect(await store.voidBatch({ ...batch, state: 'posting' }, { to: 'sync' }, 'no', now)).toBe(false);
      expect(await store.voidBatch({ ...batch, state: 'intent' }, { to: 'queue', notBefore: null }, 'no', now)).toBe(
        true,
      );
      expect(await store.voidBatch({ ...batch, state: 'intent' }, { to: 'queue', notBefore: null }, 'no', now)).toBe(
        false,
      );
      expect(await bench.item(item.id)).toMatchObject({ state: 'queued', batchId: null, customId: null });
      const again = await post(await claimed());
      expect(await store.voidBatch({ ...again, state: 'posting' }, { to: 'sync' }, 'refused', now)).toBe(true);
      expect(await bench.item(item.id)).toMatchObject({ state: 'escalating', batchId: null, escalateAt: now });
      expect(await escalations()).toHaveLength(1);
    });

    it('leaves what is answered by sync where it is when its batch is void', async () => {
      const item = await queue({ escalateAt: now + 1 });
      const batch = await claimed();
      const [running] = await escalations();
      await store.voidBatch({ ...batch, state: 'intent' }, { to: 'queue', notBefore: null }, 'no', now);
      expect(await bench.item(item.id)).toMatchObject({ state: 'escalating', batchId: null, customId: null });
      expect(await store.payloads(batch.id)).toEqual([]);
      expect(running?.id).toBe(item.id);
    });

    it('takes over batches whose maker is gone: unsent ones are void, others unknown', async () => {
      const unsent = await queue();
      const first = await claimed();
      const sent = await queue();
      const second = await post(await claimed());
      expect(await store.takeOver(now + 29_999)).toBe(0);
      expect(await store.takeOver(now + 30_000)).toBe(2);
      expect([await bench.stateOf(first), await bench.stateOf(second)]).toEqual(['void', 'unknown']);
      expect([await stateOf(unsent), await stateOf(sent)]).toEqual(['queued', 'batched']);
      const mark = { now, postDeadlineAt: now + 30_000, watermark: '', items: 1, bytes: 1 };
      expect(await store.posting(first, mark)).toBe(false);
      expect(await store.voidBatch({ ...second, state: 'posting' }, { to: 'queue', notBefore: null }, 'x', now)).toBe(
        false,
      );
    });

    it('has a void batch again when its POST turns out to have been made', async () => {
      await queue();
      const batch = await post(await claimed());
      const gone = { to: 'queue', notBefore: null } as const;
      await store.takeOver(now + 30_000);
      await store.voidBatch({ ...batch, state: 'unknown' }, gone, 'not created', now + 130_000);
      expect(await store.unknown(batch, 'no answer', now + 200_000)).toBe(true);
      const again = (await store.watched())[0]!;
      expect(again).toMatchObject({ state: 'unknown', postDeadlineAt: now + 200_000, absentSince: null });
      await store.voidBatch(again, gone, 'not created', now + 300_000);
      expect(await store.created(batch.id, { msgbatchId: upstreamId(), createdAt: now, expiresAt: null })).toBe(true);
      expect((await store.abandonedBatches()).map(({ id }) => id)).toEqual([batch.id]);
    });

    it('does not believe what was found out of a batch before its POST was over', async () => {
      await queue();
      const batch = await post(await claimed());
      await store.takeOver(now + 30_000);
      const [stale] = await store.watched();
      expect(await store.unknown(batch, 'no answer', now + 200_000)).toBe(true);
      await store.noteCandidates(stale!, { candidates: [], foreign: ['f'], absentSince: now });
      expect(await store.voidBatch(stale!, { to: 'queue', notBefore: null }, 'not created', now)).toBe(false);
      expect((await store.watched())[0]).toMatchObject({ state: 'unknown', foreign: [], absentSince: null });
    });
  });

  describe('watching', () => {
    it('gives a lease to one owner at a time', async () => {
      expect(await store.lease('poll:x', 'a', now + 100, now)).toBe(true);
      expect(await store.lease('poll:x', 'b', now + 100, now)).toBe(false);
      expect(await store.lease('poll:x', 'a', now + 200, now)).toBe(true);
      expect(await store.lease('poll:x', 'b', now + 300, now + 199)).toBe(false);
      expect(await store.lease('poll:x', 'b', now + 300, now + 200)).toBe(true);
      expect(await store.lease('poll:x', 'a', now + 300, now + 200)).toBe(false);
    });

    it('ends open batches once, and adopts unknown ones', async () => {
      await queue();
      const batch = await opened(await claimed());
      const told = { endedAt: now + 5, counts: { succeeded: 1 } };
      expect(await store.ended(batch.id, told, now)).toBe(true);
      expect(await store.ended(batch.id, told, now)).toBe(false);
      await queue();
      const lost = await post(await claimed());
      const adopted = { msgbatchId: upstreamId(), createdAt: now, endedAt: now + 7, counts: { succeeded: 1 } };
      expect(await store.adopt(lost.id, adopted, now)).toBe(false);
      await store.unknown(lost, 'x', now);
      expect(await store.adopt(lost.id, adopted, now + 1)).toBe(true);
      expect(await store.owned([adopted.msgbatchId, batch.msgbatchId ?? '', 'msgbatch_else'])).toEqual(
        new Set([adopted.msgbatchId, batch.msgbatchId]),
      );
      expect(await store.owned([])).toEqual(new Set());
      expect(await store.watched()).toEqual([]);
      const claims = [];
      for (let i = 0; i < 3; i++)
        claims.push(await store.claimEnded({ owner: 'a', leaseUntil: now + 9, now: now + 1 }));
      expect(claims.map((claim) => claim?.id)).toEqual([batch.id, lost.id, undefined]);
      expect(claims[1]).toMatchObject({ ...adopted, counts: { succeeded: 1 } });
    });
  });

  describe('collecting', () => {
    it('settles items once, with what they cost', async () => {
      const item = await queue();
      const batch = await endedBatch();
      const settled = line(batch, item);
      expect(await settle(batch, [settled, settled])).toEqual({ settled: [item.id], late: 0 });
      expect(await store.answerOf(item.id)).toEqual(settled.answer);
      expect(await bench.item(item.id)).toMatchObject({ state: 'done', outcome: 'answered' });
      expect(await bench.attempts(item.id)).toEqual([
        { key: settled.attempt.key, costPico: '220000000', delivered: false },
      ]);
      expect(await settle(batch, [settled])).toEqual({ settled: [], late: 0 });
      expect(await bench.attempts(item.id)).toHaveLength(1);
      expect(await store.closeBatch(batch, now, null)).toBe(true);
      expect(await bench.stateOf(batch)).toBe('closed');
      expect(await settle(batch, [settled])).toBeNull();
    });

    it('is only for who holds the claim', async () => {
      const item = await queue();
      const stale = await endedBatch();
      expect(await store.claimEnded({ owner: 'lane-2', leaseUntil: now + 60_000, now: now + 29_999 })).toBeNull();
      const mine = await store.claimEnded({ owner: 'lane-2', leaseUntil: now + 60_000, now: now + 30_000 });
      if (!mine) throw new Error('it should be taken over');
      expect(await settle(stale, [line(stale, item)])).toBeNull();
      expect(await store.closeBatch(stale, now, null)).toBe(false);
      await store.collectLater(stale, now, 'x', true);
      expect(await settle(mine, [], now + 40_000)).toEqual({ settled: [], late: 0 });
      expect(await store.claimEnded({ owner: 'c', leaseUntil: now + 99_000, now: now + 69_999 })).toBeNull();
      await store.collectLater(mine, now + 80_000, 'cut', true);
      expect(await store.claimEnded({ owner: 'c', leaseUntil: now + 99_000, now: now + 79_999 })).toBeNull();
      const later = await store.claimEnded({ owner: 'c', leaseUntil: now + 99_000, now: now + 80_000 });
      expect(later).toMatchObject({ id: mine.id, collectTries: 1, epoch: mine.epoch + 1 });
      await store.collectLater(later!, now + 80_000, '529', false);
      const again = await store.claimEnded({ owner: 'c', leaseUntil: now + 99_000, now: now + 80_000 });
      expect(again?.collectTries).toBe(1);
    });

    it('books a result that came too late as waste, once', async () => {
      const item = await queue({ escalateAt: now + 1 });
      const batch = await endedBatch();
      const [running] = await escalations();
      if (!running) throw new Error('nothing to escalate');
      const bySync = syncAnswer(running);
      expect(await store.settleEscalation(running, bySync, now)).toBe('settled');
      const late = line(batch, item);
      expect(await settle(batch, [late])).toEqual({ settled: [], late: 1 });
      expect(await settle(batch, [late])).toEqual({ settled: [], late: 0 });
      expect(await store.answerOf(item.id)).toEqual(bySync);
      await bench.log(item, [{ ...bySync.attempt!, delivered: true }]);
      expect(await bench.attempts(item.id)).toEqual(
        [
          { key: late.attempt.key, costPico: '220000000', delivered: false },
          { key: bySync.attempt!.key, costPico: '220000000', delivered: true },
        ].sort((a, b) => (a.key < b.key ? -1 : 1)),
      );
    });

    it('lets sync answer what the batch did not, if there is time', async () => {
      const inTime = await queue();
      const noTime = await queue({ answerBy: now });
      const never = await queue({ escalateAt: null });
      const batch = await endedBatch();
      const lines = [inTime, noTime, never].map((item) => line(batch, item, { kind: 'again' }));
      expect((await settle(batch, lines))?.settled.toSorted()).toEqual([noTime.id, never.id].toSorted());
      expect(await bench.item(inTime.id)).toMatchObject({ state: 'escalating', escalateAt: now });
      expect(await bench.item(never.id)).toMatchObject({ state: 'done', outcome: 'failed' });
      expect(await escalations()).toMatchObject([{ id: inTime.id, msgbatchId: batch.msgbatchId }]);
      // It is being answered: that the batch has nothing for it is no news.
      expect(await settle(batch, lines)).toEqual({ settled: [], late: 0 });
      expect(await escalations()).toEqual([]);
    });

    it('lets sync answer items without a line while the batch is read on', async () => {
      const items = [await queue(), await queue()] as const;
      const batch = await endedBatch();
      await settle(batch, [line(batch, items[0])]);
      expect(await store.releaseItems({ ...batch, epoch: 9 }, now)).toBe(false);
      expect(await store.releaseItems(batch, now)).toBe(true);
      expect([await stateOf(items[0]), await stateOf(items[1])]).toEqual(['done', 'escalating']);
      expect(await bench.stateOf(batch)).toBe('ended');
      const [running] = await escalations();
      await store.settleEscalation(running!, syncAnswer(running!), now);
      expect(await settle(batch, [line(batch, items[1])])).toEqual({ settled: [], late: 1 });
    });

    it('lets sync answer items without a line when the batch is closed', async () => {
      const item = await queue();
      const batch = await endedBatch();
      await store.closeBatch(batch, now, '0 of 1 results');
      expect(await bench.item(item.id)).toMatchObject({ state: 'escalating', escalateAt: now });
    });

    it('takes a result that its batch had before it was given up, wherever the item is now', async () => {
      const waiting = await queue();
      const elsewhere = await queue();
      const first = await post(await claimed());
      await store.takeOver(now + 30_000);
      await store.voidBatch({ ...first, state: 'unknown' }, { to: 'queue', notBefore: null }, 'not created', now);
      await store.created(first.id, { msgbatchId: upstreamId(), createdAt: now, expiresAt: null });
      const second = await claimed({ mostItems: 1 });
      expect(await stateOf(waiting)).toBe('batched');
      await store.ended(first.id, { endedAt: now, counts: { succeeded: 2 } }, now);
      const mine = await store.claimEnded({ owner: 'lane-1', leaseUntil: now + 30_000, now });
      if (!mine) throw new Error('nothing has ended');
      expect(await store.itemsOf(mine.id)).toEqual(new Map());
      const none = [waiting, elsewhere].map((item) => line(mine, item, { kind: 'again' }));
      expect((await settle(mine, none))?.settled).toEqual([]);
      expect([await stateOf(waiting), await stateOf(elsewhere)]).toEqual(['batched', 'queued']);
      const lines = [waiting, elsewhere].map((item) => line(mine, item));
      expect((await settle(mine, lines))?.settled.toSorted()).toEqual([waiting.id, elsewhere.id].toSorted());
      expect(await store.payloads(second.id)).toEqual([]);
    });
  });

  describe('answering synchronously', () => {
    it('claims what is due, the most pressing first', async () => {
      const soon = await queue({ escalateAt: now + 2 });
      const due = await queue({ escalateAt: now - 1 });
      const first = await queue({ escalateAt: now - 2 });
      await queue({ escalateAt: null });
      await queue({ escalateAt: now - 9, answerBy: now });
      expect(await store.pressing(now + 2)).toBe(4);
      const claims = await escalations({ limit: 2 });
      expect(claims).toMatchObject([
        { id: first.id, epoch: 1, credential: 'key:default', answerBy: first.answerBy, msgbatchId: null },
        { id: due.id },
      ]);
      expect(claims[0]?.payload).toEqual(first.payload);
      expect(claims[0]?.opened).toEqual(first.opened);
      expect(await escalations({ leadMs: 1 })).toEqual([]);
      expect(await escalations({ leadMs: 2 })).toMatchObject([{ id: soon.id }]);
    });

    it('begins no more of a credential than its limit, and does not keep others waiting', async () => {
      const first = await queue({ escalateAt: now - 9 });
      await queue({ escalateAt: now - 8 });
      const other = await queue({ escalateAt: now - 7, group: { credential: 'key:b' } });
      const paused = await queue({ escalateAt: now - 6, group: { credential: 'key:c' } });
      const limits = [
        { credential: 'key:default', most: 1 },
        { credential: 'key:c', most: 0 },
      ];
      expect((await escalations({ limits })).map(({ id }) => id)).toEqual([first.id, other.id]);
      expect(await stateOf(paused)).toBe('queued');
    });

    it('lets nobody’s flood make another key late: each has its turn, also within a limit', async () => {
      const ofKey = (keyId: Uuid, escalateAt: number) => {
        const id = nextId(now);
        return queue({
          id,
          escalateAt,
          opened: openedRecord({ id, keyId, arrivedAt: now, lane: 'batch', model: 'm' }),
        });
      };
      const [flooding, other] = [nextId(now), nextId(now)];
      const flood = [];
      for (let i = 0; i < 8; i++) flood.push(await ofKey(flooding, now - 100 + i));
      const few = [await ofKey(other, now - 2), await ofKey(other, now - 1)];
      const ids = async (over: Parameters<typeof escalations>[0]) => (await escalations(over)).map(({ id }) => id);
      const limits = [{ credential: 'key:default', most: 2 }];
      expect((await ids({ limits })).toSorted()).toEqual([flood[0]?.id, few[0]?.id].toSorted());
      expect((await ids({ limit: 3, isCrowded: true })).toSorted()).toEqual(
        [flood[1]?.id, few[1]?.id, flood[2]?.id].toSorted(),
      );
      expect((await ids({ limit: 2, isCrowded: true })).toSorted()).toEqual([flood[3]?.id, flood[4]?.id].toSorted());
    });

    it('leaves items whose caller is gone to their batch', async () => {
      const item = await queue({ escalateAt: now });
      await store.detach(item.id, 0, now);
      expect(await escalations()).toEqual([]);
      expect(await store.pressing(now)).toBe(0);
    });

    it('claims again what its claimer lost, and the first outcome wins', async () => {
      const item = await queue({ escalateAt: now });
      const [stale] = await escalations();
      expect(await escalations({ now: now + 29_999 })).toEqual([]);
      await store.renew([item.id], 'lane-1', now + 40_000);
      await store.renew([item.id], 'lane-2', now + 90_000);
      expect(await escalations({ now: now + 39_999 })).toEqual([]);
      const [mine] = await escalations({ now: now + 40_000, owner: 'lane-2', leaseUntil: now + 70_000 });
      if (!stale || !mine) throw new Error('both should be claimed');
      expect(mine.epoch).toBe(stale.epoch + 1);
      await store.renew([item.id], 'lane-1', now + 400_000);
      expect(await store.escalateLater(stale, syncAnswer(stale, 529).attempt, now)).toBe(false);
      const [staleAnswer, answer] = [syncAnswer(stale), syncAnswer(mine)];
      expect(await store.settleEscalation(stale, { ...staleAnswer }, now)).toBe('lost');
      expect(await store.settleEscalation(mine, answer, now)).toBe('settled');
      expect(await store.settleEscalation(mine, answer, now)).toBe('lost');
      expect(await store.answerOf(item.id)).toEqual(answer);
      expect(await keys(item)).toEqual([staleAnswer.attempt!.key, answer.attempt!.key].toSorted());
    });

    it('tries again later', async () => {
      const item = await queue({ escalateAt: now });
      const [running] = await escalations();
      if (!running) throw new Error('nothing to escalate');
      const failed = syncAnswer(running, 529).attempt;
      expect(await store.escalateLater({ ...running, epoch: 2 }, failed, now + 500)).toBe(false);
      expect(await store.escalateLater(running, failed, now + 500)).toBe(true);
      // A lead is for what waits for its batch: upstream has asked for a pause here.
      expect(await escalations({ now: now + 499, leadMs: MINUTE_MS })).toEqual([]);
      expect(await escalations({ now: now + 500 })).toMatchObject([{ id: item.id, epoch: 2 }]);
      expect(await keys(item)).toEqual([failed!.key]);
    });

    it('loses to a batch result that was faster', async () => {
      const item = await queue({ escalateAt: now + 1 });
      const batch = await endedBatch();
      const [running] = await escalations();
      if (!running) throw new Error('nothing to escalate');
      const settled = line(batch, item);
      expect((await settle(batch, [settled]))?.settled).toEqual([item.id]);
      const answer = syncAnswer(running);
      expect(await store.settleEscalation(running, answer, now)).toBe('lost');
      expect(await store.answerOf(item.id)).toEqual(settled.answer);
      expect(await keys(item)).toEqual([settled.attempt.key, answer.attempt!.key].toSorted());
    });

    it('can be hurried, but not where sync is ruled out', async () => {
      const item = await queue();
      const never = await queue({ escalateAt: null });
      await store.hurry([item.id, never.id], now);
      expect((await escalations()).map(({ id }) => id)).toEqual([item.id]);
      await store.hurry([item.id], now - 5);
      expect((await bench.item(item.id))?.escalateAt).toBe(now);
    });
  });

  describe('callers', () => {
    const ask = (item: NewItem, over: Partial<Parameters<LaneStore['attach']>[0]> = {}) =>
      store.attach({ fingerprint: item.fingerprint, isRetry: true, caller: 'web-2', now, windowMs: 1_000, ...over });
    const twin = (item: NewItem, over: Parameters<typeof newItem>[1] = {}) =>
      queue({ ...over, fingerprint: item.fingerprint });
    const done = async (item: NewItem, at = now): Promise<void> => {
      const batch = await endedBatch();
      await settle(batch, [line(batch, item)], at);
    };

    it('finds the item of a retry: one without a caller before one with, and the oldest of each', async () => {
      await store.heartbeat('web-2', now + MINUTE_MS);
      const held = await queue();
      const gone = await twin(held);
      const goneLater = await twin(held);
      await store.detach(gone.id, 0, now);
      await store.detach(goneLater.id, 0, now);
      expect(await ask(held)).toEqual({
        id: gone.id,
        callerEpoch: 2,
        opened: gone.opened,
        state: 'queued',
        handOvers: 0,
        answerBy: gone.answerBy,
        displaced: null,
      });
      expect(await ask(held)).toMatchObject({ id: goneLater.id, displaced: null });
      expect(await ask(held)).toMatchObject({ id: held.id, displaced: 'web-1', callerEpoch: 1 });
      expect(await bench.item(held.id)).toMatchObject({ caller: 'web-2', isGone: false });
      expect(await ask(newItem(now))).toBeNull();
    });

    it('gives a first copy only what nobody holds: two identical calls are two', async () => {
      const item = await queue();
      expect(await ask(item, { isRetry: false })).toBeNull();
      await store.detach(item.id, 0, now);
      expect(await ask(item, { isRetry: false })).toMatchObject({ id: item.id });
      const mine = await queue({ caller: 'web-2' });
      expect(await ask(mine, { isRetry: false })).toBeNull();
      const orphan = await queue({ caller: 'web-dead' });
      expect(await ask(orphan, { isRetry: false })).toMatchObject({ id: orphan.id, displaced: null });
    });

    it('finds open items until their deadline, and outcomes for a while after, delivered ones last and only for a retry', async () => {
      const late = await queue({ answerBy: now + 5 });
      expect(await ask(late, { now: now + 4 })).not.toBeNull();
      expect(await ask(late, { now: now + 5 })).toBeNull();
      const delivered = await queue({ group: { key: 'delivered' } });
      await done(delivered);
      await bench.log(delivered, []);
      expect(await ask(delivered, { isRetry: false })).toBeNull();
      expect(await ask(delivered, { now: now + 999 })).toMatchObject({ id: delivered.id, state: 'done' });
      expect(await ask(delivered, { now: now + 1_000 })).toBeNull();
      const open = await twin(delivered);
      expect(await ask(delivered)).toMatchObject({ id: open.id });
    });

    it('finds an answer whose connection broke on its way, for a first try as well', async () => {
      const broken = await queue();
      await done(broken);
      await bench.log(broken, []);
      await store.detach(broken.id, 0, now);
      expect(await ask(broken, { isRetry: false })).toMatchObject({ id: broken.id, state: 'done', displaced: null });
      expect(await ask(broken, { isRetry: false })).toBeNull();
    });

    it('gives the item of a stream to the agent that now asks without one, however alive the stream looks', async () => {
      const ofAgent = { sessionId: 'session-1', agentId: 'agent-1' };
      const base = newItem(now).opened;
      const streamed = await queue({ opened: { ...base, ...ofAgent, stream: true } });
      const first = { isRetry: false, caller: 'web-1' };
      expect(await ask(streamed, first)).toBeNull();
      for (const other of [{ sessionId: 'session-2' }, { agentId: null }, { agentId: 'agent-2' }]) {
        expect(await ask(streamed, { ...first, fallbackIn: { ...ofAgent, ...other } })).toBeNull();
      }
      expect(await ask(streamed, { ...first, fallbackIn: ofAgent })).toMatchObject({ id: streamed.id, callerEpoch: 1 });
      await done(streamed);
      await bench.log(streamed, []);
      expect(await ask(streamed, { ...first, fallbackIn: ofAgent })).toMatchObject({ state: 'done' });
      const whole = await queue({ group: { key: 'whole' }, opened: { ...base, ...ofAgent, stream: false } });
      expect(await ask(whole, { ...first, fallbackIn: ofAgent })).toBeNull();
    });

    it('never finds what was dropped', async () => {
      const item = await queue();
      await store.detach(item.id, 0, now - 21_000);
      expect(await store.dropAbandoned('lane-1', now, 20_000)).toEqual([item.id]);
      expect(await ask(item)).toBeNull();
    });

    it('detaches the caller that it was, not one that came after', async () => {
      const item = await queue();
      const attached = await ask(item);
      await store.detach(item.id, 0, now);
      expect(await bench.item(item.id)).toMatchObject({ caller: 'web-2', isGone: false });
      await store.handOver(item.id, 0, now);
      expect(await bench.item(item.id)).toMatchObject({ caller: 'web-2', handOvers: 0 });
      await store.handOver(item.id, attached?.callerEpoch ?? -1, now);
      expect(await bench.item(item.id)).toMatchObject({ caller: null, isGone: true, handOvers: 1 });
      expect(await ask(item)).toMatchObject({ handOvers: 1, displaced: null });
    });

    it('lists the outcomes that a process has callers for', async () => {
      const caller = `web-${nextId(now)}`;
      const item = await queue({ caller });
      await done(item);
      expect(await store.outcomesOf(caller)).toEqual([{ id: item.id, callerEpoch: 0 }]);
      await bench.log(item, []);
      expect(await store.outcomesOf(caller)).toEqual([]);
    });

    it('takes callers from a process that shows no sign of life, and gives them back when it was alive after all', async () => {
      const caller = `web-${nextId(now)}`;
      await store.heartbeat(caller, now + 10);
      const item = await queue({ caller });
      const answered = await queue({ caller, group: { key: 'answered' } });
      await store.heartbeat('web-2', now + MINUTE_MS);
      await store.dropAbandoned('lane-1', now + 9, 20_000);
      await store.dropAbandoned(caller, now + 10, 20_000);
      expect((await bench.item(item.id))?.caller).toBe(caller);
      const batch = await endedBatch();
      await settle(batch, [line(batch, answered)]);
      await store.dropAbandoned('lane-1', now + 10, 20_000);
      expect(await bench.item(item.id)).toMatchObject({ caller: null, isGone: true });
      expect(await bench.item(answered.id)).toMatchObject({ caller: null, isGone: true });
      const held = [item, answered].map(({ id }) => ({ id, callerEpoch: 0 }));
      expect(await store.hold(caller, held, now)).toEqual([]);
      expect(await bench.item(item.id)).toMatchObject({ caller, isGone: false });
      expect(await store.outcomesOf(caller)).toEqual([{ id: answered.id, callerEpoch: 0 }]);
      await ask(item);
      expect(await store.hold(caller, [...held, { id: nextId(now), callerEpoch: 0 }], now)).toEqual([
        item.id,
        expect.stringMatching(/-/),
      ]);
      expect((await bench.item(item.id))?.caller).toBe('web-2');
      expect(await store.hold(caller, [], now)).toEqual([]);
    });

    it('lets go of what a process does not know to hold, until it says otherwise', async () => {
      const caller = `web-${nextId(now)}`;
      const item = await queue({ caller });
      const other = await queue();
      expect(await store.hold(caller, [], now + 10_000)).toEqual([]);
      expect((await bench.item(item.id))?.caller).toBe(caller);
      expect(await store.hold(caller, [], now + 10_001)).toEqual([]);
      expect(await bench.item(item.id)).toMatchObject({ caller: null, isGone: true });
      expect((await bench.item(other.id))?.caller).toBe('web-1');
      expect(await store.hold(caller, [{ id: item.id, callerEpoch: 0 }], now)).toEqual([]);
      expect(await bench.item(item.id)).toMatchObject({ caller, isGone: false });
    });

    it('does not let identical calls displace each other in turns', async () => {
      await store.heartbeat('web-2', now + MINUTE_MS);
      const first = await queue();
      const second = await twin(first);
      const taken = [await ask(first), await ask(first), await ask(first)].map((attached) => attached?.id);
      expect(taken).toEqual([first.id, second.id, first.id]);
    });

    it('does not give back what its caller has left, or what was dropped or logged', async () => {
      const forgotten = await queue({ caller: 'web-dead' });
      await done(forgotten);
      await bench.log(forgotten, []);
      const left = await queue();
      const dropped = await queue({ caller: 'web-dead' });
      await store.detach(left.id, 0, now);
      await store.dropAbandoned('lane-1', now, 20_000);
      await store.dropAbandoned('lane-1', now + 20_001, 20_000);
      expect(await stateOf(dropped)).toBe('done');
      const held = [left, dropped, forgotten].map(({ id }) => ({ id, callerEpoch: 0 }));
      const lost = await store.hold('web-dead', held, now);
      expect(lost.toSorted()).toEqual([left.id, dropped.id, forgotten.id].toSorted());
    });

    it('keeps a caller’s own credential while it is needed', async () => {
      const credential = `own:${nextId(now)}`;
      const own: [string, string][] = [['x-api-key', 'sk-ant-own']];
      const item = await queue({ ownCredential: own, group: { credential, key: credential } });
      const second = await queue({ ownCredential: own, group: { credential, key: credential } });
      expect(await store.ownCredential(credential)).toEqual(own);
      expect(await store.ownCredential('own:else')).toBeNull();
      const batch = await endedBatch();
      await settle(batch, [line(batch, item), line(batch, second)]);
      await store.purge(now);
      expect(await store.ownCredential(credential)).toEqual(own);
      await store.closeBatch(batch, now, null);
      await store.purge(now);
      expect(await store.ownCredential(credential)).toBeNull();
    });
  });

  describe('keeping house', () => {
    it('drops what nobody waits for: queued soon, the rest after its time', async () => {
      const left = await queue();
      const batched = await queue({ group: { key: 'batched' }, answerBy: now + MINUTE_MS });
      await store.detach(left.id, 0, now);
      await claimed();
      await store.detach(batched.id, 0, now);
      expect(await store.dropAbandoned('lane-1', now + 20_000, 20_000)).toEqual([]);
      expect(await store.dropAbandoned('lane-1', now + 20_001, 20_000)).toEqual([left.id]);
      expect(await bench.item(left.id)).toMatchObject({ state: 'done', outcome: 'dropped' });
      expect(await store.dropAbandoned('lane-1', now + MINUTE_MS + 20_000, 20_000)).toEqual([]);
      expect(await store.dropAbandoned('lane-1', now + MINUTE_MS + 20_001, 20_000)).toEqual([batched.id]);
    });

    it('ends what is out of time, unless it is being answered', async () => {
      const waiting = await queue({ answerBy: now + 10, escalateAt: null });
      const gone = await queue({ answerBy: now + 10 });
      const running = await queue({ answerBy: now + 10, escalateAt: now });
      await store.detach(gone.id, 0, now);
      expect(await escalations()).toHaveLength(1);
      const late = answer(504, null, { msgbatchId: null });
      expect(await store.expire(now + 9, late)).toEqual([]);
      expect((await store.expire(now + 10, late)).toSorted()).toEqual([waiting.id, gone.id].toSorted());
      expect(await store.answerOf(waiting.id)).toEqual(late);
      expect(await bench.item(waiting.id)).toMatchObject({ state: 'done', outcome: 'failed' });
      expect(await store.expire(now + 30_000, late)).toEqual([running.id]);
    });

    it('names open batches that nobody needs, until they are canceled', async () => {
      const item = await queue({ escalateAt: now + 1 });
      const batch = await opened(await claimed());
      expect(await store.abandonedBatches()).toEqual([]);
      const [running] = await escalations();
      if (!running) throw new Error('nothing to escalate');
      await store.settleEscalation(running, syncAnswer(running), now);
      expect((await store.abandonedBatches()).map(({ id }) => id)).toEqual([batch.id]);
      await store.cancelRequested(batch.id, now);
      expect(await store.abandonedBatches()).toEqual([]);
      expect(await stateOf(item)).toBe('done');
    });

    it('gives up batches of which nothing is left upstream', async () => {
      const item = await queue({ escalateAt: now + 1 });
      const batch = await opened(await claimed());
      expect(await store.giveUp(now + 1, now)).toBe(0);
      const [running] = await escalations();
      if (!running) throw new Error('nothing to escalate');
      await store.settleEscalation(running, syncAnswer(running), now);
      expect(await store.giveUp(now, now)).toBe(0);
      expect(await store.giveUp(now + 1, now)).toBe(1);
      expect([await bench.stateOf(batch), await stateOf(item)]).toEqual(['closed', 'done']);
    });

    it('names outcomes that nobody took, once their time is over, until they are logged', async () => {
      const taken = await queue();
      const left = await queue();
      const batch = await endedBatch();
      const lines = [line(batch, taken), line(batch, left)];
      await settle(batch, lines);
      await store.detach(left.id, 0, now);
      const dropped = await queue({ caller: 'web-dead' });
      await store.dropAbandoned('lane-1', now, 1);
      await store.dropAbandoned('lane-1', now + 2, 1);
      expect((await store.forgotten(now, 10)).map(({ id }) => id)).toEqual([dropped.id]);
      const forgotten = await store.forgotten(now + 1, 10);
      expect(forgotten).toEqual([
        {
          id: left.id,
          opened: left.opened,
          outcome: 'answered',
          outcomeAt: now,
          answer: lines[1]?.answer,
          isProbe: false,
        },
        {
          id: dropped.id,
          opened: dropped.opened,
          outcome: 'dropped',
          outcomeAt: now + 2,
          answer: null,
          isProbe: false,
        },
      ]);
      expect(await store.forgotten(now + 1, 1)).toHaveLength(1);
      await bench.log(left, []);
      await bench.log(dropped, []);
      expect(await store.forgotten(now + 1, 10)).toEqual([]);
    });

    const probe = { caller: null, escalateAt: null, isProbe: true, answerBy: now + 60 * MINUTE_MS };

    it('logs a probe as soon as it has an outcome', async () => {
      const item = await queue(probe);
      expect(await store.dropAbandoned('lane-1', now + 30 * MINUTE_MS, 1)).toEqual([]);
      const batch = await endedBatch();
      await settle(batch, [line(batch, item)], now + 5);
      const [named] = await store.forgotten(now, 10);
      expect(named).toMatchObject({ id: item.id, outcome: 'answered', outcomeAt: now + 5, isProbe: true });
      await bench.log(item, []);
      expect(await store.forgotten(now, 10)).toEqual([]);
    });

    it('never answers a probe by sync: what a batch could not take has failed', async () => {
      const refused = await queue(probe);
      const batch = await claimed();
      await store.voidBatch(batch, { to: 'sync' }, 'refused', now);
      const lost = await queue({ ...probe, group: { key: 'lost' } });
      await store.closeBatch(await endedBatch(), now, 'lost');
      for (const item of [refused, lost]) expect(await stateOf(item)).toBe('escalating');
      expect(await escalations()).toEqual([]);
      expect(await store.pressing(now + 60 * MINUTE_MS)).toBe(0);
      const late = answer(504, null, { msgbatchId: null });
      expect((await store.expire(now, late)).toSorted()).toEqual([refused.id, lost.id].toSorted());
      expect(await bench.item(lost.id)).toMatchObject({ state: 'done', outcome: 'failed' });
    });

    it('removes what is logged and over, but not what a batch may still bring a result for', async () => {
      const closed = await queue({ group: { key: 'closed' } });
      const first = await endedBatch();
      await settle(first, [line(first, closed)]);
      await store.closeBatch(first, now, null);
      const late = await queue({ escalateAt: now + 1 });
      const batch = await opened(await claimed());
      const [running] = await escalations();
      if (!running) throw new Error('nothing to escalate');
      await store.settleEscalation(running, syncAnswer(running), now);
      const open = await queue();
      await bench.log(closed, []);
      await bench.log(late, []);
      await store.purge(now - 1);
      expect(await store.answerOf(closed.id)).not.toBeNull();
      await store.purge(Date.now() + 1_000);
      expect([await bench.item(closed.id), await store.answerOf(closed.id)]).toEqual([null, null]);
      expect(await store.answerOf(late.id)).toBeNull();
      expect([await stateOf(late), await stateOf(open)]).toEqual(['done', 'queued']);
      // Its result is waste, and its item is where that is booked.
      await store.ended(batch.id, { endedAt: now, counts: { succeeded: 1 } }, now);
      const mine = await store.claimEnded({ owner: 'lane-1', leaseUntil: now + 30_000, now });
      if (!mine) throw new Error('nothing has ended');
      expect(await settle(mine, [line(mine, late)])).toEqual({ settled: [], late: 1 });
      await store.closeBatch(mine, now, null);
      await store.purge(Date.now() + 1_000);
      expect(await bench.item(late.id)).toBeNull();
    });

    it('books what an item cost that is gone from the lane, if the log has it', async () => {
      const item = await queue({ escalateAt: now + 1 });
      const batch = await endedBatch();
      const [running] = await escalations();
      if (!running) throw new Error('nothing to escalate');
      await store.settleEscalation(running, syncAnswer(running), now);
      const stray = newItem(now);
      await bench.log(stray, []);
      const lines = [line(batch, stray), line(batch, newItem(now))];
      expect(await settle(batch, lines)).toEqual({ settled: [], late: 1 });
      expect(await keys(stray)).toEqual([lines[0]?.attempt.key]);
      expect(await stateOf(item)).toBe('done');
    });
  });

  it('never mixes two upstreams in one database', async () => {
    const { other } = bench;
    const own: [string, string][] = [['x-api-key', 'sk-ant-own']];
    const item = await queue({ ownCredential: own, escalateAt: now + 1, group: { credential: `own:${nextId(now)}` } });
    const batch = await opened(await claimed());
    const more = await queue({ escalateAt: now + 1, caller: 'web-dead' });
    await store.lease('poll:x', 'a', now + 100, now);
    expect(await other.lease('poll:x', 'b', now + 100, now)).toBe(true);
    const mine = {
      id: nextId(now),
      nonce: nextId(now),
      owner: 'b',
      leaseUntil: now,
      now,
      mostBytes: 9e6,
      mostItems: 9,
    };
    expect(await other.claimGroup(mine)).toBeNull();
    expect(await other.newestKnown(batch.credential)).toBeNull();
    expect(await other.watched()).toEqual([]);
    expect(await other.pressing(now)).toBe(0);
    const claim = { owner: 'b', leaseUntil: now, now, leadMs: 0, limit: 9, limits: [], isCrowded: false };
    expect(await other.claimEscalations(claim)).toEqual([]);
    const ask = { isRetry: true, caller: 'b', now, windowMs: 1_000 };
    expect(await other.attach({ ...ask, fingerprint: item.fingerprint })).toBeNull();
    expect(await other.dropAbandoned('lane-1', now + 2 * MINUTE_MS, 1)).toEqual([]);
    expect(await other.expire(now + 60 * MINUTE_MS, answer(504, null, { msgbatchId: null }))).toEqual([]);
    await store.ended(batch.id, { endedAt: now, counts: { succeeded: 1 } }, now);
    expect(await other.claimEnded({ owner: 'b', leaseUntil: now, now })).toBeNull();
    expect(await other.takeOver(now + 60 * MINUTE_MS)).toBe(0);
    expect(await other.giveUp(now + 60 * MINUTE_MS, now)).toBe(0);
    await store.detach(more.id, 0, now - 2);
    await store.dropAbandoned('lane-1', now, 1);
    expect(await other.forgotten(now + MINUTE_MS, 9)).toEqual([]);
    expect((await store.forgotten(now, 9)).map(({ id }) => id)).toEqual([more.id]);
    // What it knows of upstream's ids it knows of all: they are upstream's own.
    expect(await other.owned([batch.msgbatchId ?? ''])).toEqual(new Set([batch.msgbatchId]));
  });
});
