import { isApiError } from '@/lib/core/errors';
import type { Batch, ItemsBack, Payload } from '@/lib/store/lane/lane-store';
import { type BatchApi, readBatch } from '@/lib/upstream/batch-api';
import type { PostOutcome } from '@/lib/upstream/post-once';
import { batchParams, createBatchBody } from '@/lib/wire/batch-params';
import { isSpendCap } from '@/lib/wire/is-spend-cap';
import { retryAfterMs } from '@/lib/wire/retry-after';
import type { CreatedBatch } from './created-journal';
import type { LaneDeps } from './lane-deps';

const MEGABYTE = 1024 * 1024;
/** After a rate limit that does not say for how long. */
const UNTOLD_WAIT_MS = 15_000;

/**
 * Sends one claimed batch, once:
 *
 *   payloads ─► watermark ─► `posting` (its own commit) ─► POST ─► open | void | unknown
 *
 * Whatever happens to this process, what the row says is never less than what may have been sent.
 */
export async function submit(deps: LaneDeps, batch: Batch): Promise<void> {
  const { store, pacing } = deps;
  const items = await store.payloads(batch.id);
  if (items.length === 0) {
    await store.voidBatch(batch, { to: 'queue', notBefore: null }, 'its items left', deps.now());
    return;
  }
  const watermark = await newestBatch(deps, batch);
  if (watermark === null) {
    const notBefore = deps.now() + pacing.collectAgainMs[0];
    await store.voidBatch(batch, { to: 'queue', notBefore }, 'upstream does not answer', deps.now());
    return;
  }
  const body = bodyOf(items);
  if (body === null) {
    await store.voidBatch(batch, { to: 'sync' }, 'a body is no JSON object', deps.now());
    return;
  }
  const bytes = body.reduce((sum, chunk) => sum + chunk.length, 0);
  const deadlineMs = pacing.postMs + Math.ceil(bytes / MEGABYTE) * 1_000;
  const now = deps.now();
  const mark = { now, postDeadlineAt: now + deadlineMs, watermark, items: items.length, bytes };
  if (!(await store.posting(batch, mark))) return;
  await deps.crash('after_posting');
  const outcome = await post(deps, {
    credential: batch.credential,
    headers: batch.headers,
    body,
    // From `posting` on, not from the first byte: the row says when it is over.
    deadlineMs: mark.postDeadlineAt - deps.now(),
    // The clock once more, right before the first byte: a process that slept too long must not send.
    mayWrite: () => deps.now() < now + pacing.startPostMs,
  });
  await deps.crash('after_post');
  await settle(deps, { ...batch, items: items.length }, outcome);
}

function bodyOf(items: readonly { customId: string; payload: Payload }[]): Buffer[] | null {
  try {
    return createBatchBody(items.map(({ customId, payload }) => ({ customId, params: batchParams(payload.body) })));
  } catch {
    return null;
  }
}

async function post(deps: LaneDeps, call: Parameters<BatchApi['create']>[0]): Promise<PostOutcome> {
  try {
    return await deps.api.create(call);
  } catch (error) {
    // The credential could not be had: that was before the first byte.
    const cause = error instanceof Error ? error : new Error(String(error));
    return { kind: isApiError(error) ? 'not_sent' : 'unknown', cause };
  }
}

async function settle(deps: LaneDeps, batch: Batch, outcome: PostOutcome): Promise<void> {
  const { store, metrics } = deps;
  const back = async (to: ItemsBack, error: string) => {
    metrics.creates.inc({ outcome: 'refused' });
    deps.log.warn({ batch: batch.id, error }, 'a batch was not created');
    await store.voidBatch({ ...batch, state: 'posting' }, to, error, deps.now());
  };
  if (outcome.kind === 'not_sent') {
    const notBefore = deps.now() + jittered(deps, 2_000);
    return back({ to: 'queue', notBefore }, `not sent: ${outcome.cause.message}`);
  }
  if (outcome.kind === 'answer' && outcome.status === 429) {
    // That lasts, and each caller is told so in upstream's own words.
    if (isSpendCap(outcome.body)) return back({ to: 'sync' }, 'upstream answered 429: its spend cap is reached');
    const wait = retryAfterMs(outcome.headers, deps.now()) ?? UNTOLD_WAIT_MS;
    return back({ to: 'queue', notBefore: deps.now() + jittered(deps, wait) }, 'upstream answered 429');
  }
  if (outcome.kind === 'answer' && outcome.status >= 400 && outcome.status < 500) {
    return back({ to: 'sync' }, `upstream answered ${outcome.status}`);
  }
  const made = outcome.kind === 'answer' && outcome.status < 300 ? parseBatch(outcome.body) : null;
  if (!made) {
    metrics.creates.inc({ outcome: 'unknown' });
    const why = outcome.kind === 'answer' ? `upstream answered ${outcome.status}` : outcome.cause.message;
    deps.log.warn({ batch: batch.id, why }, 'whether a batch was created is unknown: it is looked for');
    await store.unknown(batch, why, deps.now());
    return;
  }
  metrics.creates.inc({ outcome: 'created' });
  metrics.batchItems.observe(batch.items);
  await confirmCreated(deps, {
    batchId: batch.id,
    msgbatchId: made.id,
    createdAt: made.createdAt,
    expiresAt: made.expiresAt,
  });
}

/** On disk first, then in Postgres; what is left on disk is told again, also by the next process in this place. */
async function confirmCreated(deps: LaneDeps, made: CreatedBatch): Promise<void> {
  try {
    deps.journal.append(made);
  } catch (error) {
    deps.log.error({ err: error }, 'the id of a new batch could not be written to disk');
  }
  await deps.crash('after_created');
  await settleCreated(deps, made);
}

export async function settleCreated(deps: LaneDeps, made: CreatedBatch): Promise<void> {
  if (!(await deps.store.created(made.batchId, made))) {
    deps.log.warn({ batch: made.batchId, made: made.msgbatchId }, 'a new batch was found by another process first');
  }
  deps.journal.forget(made.batchId);
}

/** The newest batch before ours: the lists that look for ours need go no further. `null`: upstream did not tell. */
async function newestBatch(deps: LaneDeps, { credential }: Batch): Promise<string | null> {
  const known = await deps.store.newestKnown(credential);
  if (known !== null) return known;
  try {
    const { batches } = await deps.api.list(credential, { limit: 1 });
    return batches[0]?.id ?? '';
  } catch (error) {
    // A refusal is for `create` to hear in full: its items are then answered by sync.
    return isApiError(error) && error.status >= 400 && error.status < 429 ? '' : null;
  }
}

function parseBatch(body: Buffer) {
  try {
    return readBatch(JSON.parse(body.toString('utf8')));
  } catch {
    return null;
  }
}

function jittered(deps: LaneDeps, ms: number): number {
  return Math.round(ms * (1 + deps.random() / 4));
}
