import { createHash } from 'node:crypto';
import { type Uuid, uuidV7 } from '@/lib/core/ids';
import type { AttemptRecord } from '@/lib/core/request-record';
import type { Batch, Escalation, Group, ItemAnswer, NewItem, SettledLine } from '@/lib/store/lane/lane-store';
import { attemptRecord, openedRecord } from '@/lib/testing/records';

export const MINUTE_MS = 60_000;

let made = 0;

/** Ids in the order in which they were made, within one moment too. */
export function nextId(atMs: number): Uuid {
  const random = Buffer.alloc(10);
  random.writeUInt32BE(++made, 4);
  return uuidV7(atMs, random);
}

/** A call for the batch lane: due at once, ten minutes to go, answered by sync after nine. */
export function newItem(now: number, over: Partial<Omit<NewItem, 'group'>> & { group?: Partial<Group> } = {}): NewItem {
  const id = over.id ?? nextId(now);
  const body = over.payload?.body ?? Buffer.from(`{"model":"m","max_tokens":1,"messages":[],"call":"${id}"}`);
  const item: NewItem = {
    id,
    opened: openedRecord({ id, arrivedAt: now, lane: 'batch', model: 'm' }),
    ownCredential: null,
    payload: { target: '/v1/messages', headers: [['anthropic-version', '2023-06-01']], body },
    bytes: body.length,
    maxItems: 1_000,
    fingerprint: createHash('sha256').update(body).digest('hex'),
    idempotencyKey: null,
    arrivedAt: now,
    windowEndsAt: now,
    answerBy: now + 10 * MINUTE_MS,
    escalateAt: now + 9 * MINUTE_MS,
    caller: 'web-1',
    ...over,
    group: {
      key: 'group',
      credential: 'key:default',
      headers: [['anthropic-version', '2023-06-01']],
      model: 'm',
      sizeClass: 'small',
      ...over.group,
    },
  };
  return item;
}

/** A result line of a batch that answers, or (`again`) gives no answer. */
export function line(batch: Batch, item: Pick<NewItem, 'id'>, over: Partial<SettledLine> = {}): SettledLine {
  const attempt = attemptRecord({ key: `${batch.msgbatchId}/${item.id}`, lane: 'batch', delivered: false });
  const kind = over.kind ?? 'answer';
  return { itemId: item.id, attempt, kind, answer: answer(kind === 'answer' ? 200 : 504, attempt, batch), ...over };
}

/** The outcome of a synchronous answer. */
export function syncAnswer(item: Escalation, status = 200): ItemAnswer {
  return answer(status, attemptRecord({ key: `msg_${item.id}_${item.epoch}`, delivered: false }), item);
}

export function answer(
  status: number,
  attempt: AttemptRecord | null,
  { msgbatchId }: { msgbatchId: string | null },
): ItemAnswer {
  return {
    outcome: status === 200 ? 'answered' : 'failed',
    status,
    headers: [['request-id', 'req_1']],
    body: Buffer.from(`{"status":${status}}`),
    servedBy: attempt?.lane ?? null,
    errorType: status === 200 ? null : 'timeout_error',
    attempt,
    msgbatchId,
  };
}
