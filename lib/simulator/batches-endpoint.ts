import { hash } from 'node:crypto';
import { ApiError, invalid } from './api-error';
import { type BatchRecord, endsAtMs, outcomeOf, presentBatch, statusOf } from './batch-record';
import { checkBatchEnvelope } from './check-batch-envelope';
import type { Exchange } from './exchange';
import { faultOf } from './fault-script';
import { readPage } from './page-query';
import { BATCH_ARCHIVE_MS, planBatch } from './plan-batch';
import { jsonReply, type Reply } from './reply';
import { SeededRandom } from './seeded-random';
import type { SimulatedApi } from './simulated-api';

type Headers = Readonly<Record<string, string>>;

/** All of `/v1/messages/batches` but the results (Message Batches API). @throws ApiError */
export async function answerBatches(api: SimulatedApi, exchange: Exchange): Promise<Reply> {
  const nowMs = api.clock.now();
  const headers = api.limits.admitRequest(exchange.caller.organization, 'batches', nowMs);
  bookEnded(api);
  switch (exchange.endpoint) {
    case 'batch_create':
      return createBatch(api, exchange, headers);
    case 'batch_list':
      return listBatches(api, exchange, headers);
    case 'batch_cancel':
      return cancelBatch(api, exchange, headers);
    case 'batch_delete':
      return deleteBatch(api, exchange, headers);
    default:
      return present(api, exchange, findBatch(api, exchange), headers);
  }
}

async function createBatch(api: SimulatedApi, exchange: Exchange, headers: Headers): Promise<Reply> {
  const { caller } = exchange;
  const entries = checkBatchEnvelope(exchange.json);
  if (api.batches.queuedItems(caller.organization) + entries.length > api.limits.batchQueue) {
    throw new ApiError(
      'rate_limit_error',
      `This batch would exceed your organization's limit of ${api.limits.batchQueue} requests in the processing queue.`,
      { headers: { ...headers, 'retry-after': '60' } },
    );
  }
  const content = hash('sha1', exchange.body, 'hex');
  const batch = await planBatch(api, exchange, entries, `batch|${content}|${api.occurrences.next(content)}`);
  api.batches.add(batch);
  api.onBatch('created', batch);
  return present(api, exchange, batch, headers);
}

function listBatches(api: SimulatedApi, exchange: Exchange, headers: Headers): Reply {
  const nowMs = api.clock.now();
  const query = readPage(exchange.query);
  const page = api.batches.page(exchange.caller.workspace, { ...query, nowMs });
  if (page === null) throw invalid(`${query.afterId === null ? 'before_id' : 'after_id'}: Invalid cursor`);
  const data = page.batches.map((batch) => presented(api, exchange, batch));
  return jsonReply(
    200,
    { data, has_more: page.hasMore, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null },
    headers,
  );
}

function cancelBatch(api: SimulatedApi, exchange: Exchange, headers: Headers): Reply {
  const batch = findBatch(api, exchange);
  const nowMs = api.clock.now();
  const status = statusOf(batch, nowMs);
  if (status === 'ended') throw invalid(`Batch ${batch.id} has already ended and cannot be canceled.`);
  if (status === 'in_progress') {
    const random = new SeededRandom(api.seed, `${batch.purpose}|cancel`);
    batch.cancelInitiatedAtMs = nowMs;
    // Until then, items that were already at work still succeed.
    batch.cancelDoneAtMs = nowMs + api.clock.scaled(random.between(...api.turnaround.cancelMs));
    api.onBatch('canceled', batch);
  }
  return present(api, exchange, batch, headers);
}

function deleteBatch(api: SimulatedApi, exchange: Exchange, headers: Headers): Reply {
  const batch = findBatch(api, exchange);
  if (statusOf(batch, api.clock.now()) !== 'ended') {
    throw invalid(`Batch ${batch.id} is still processing. Cancel it, or wait for it to end, before deleting it.`);
  }
  api.batches.remove(batch);
  api.onBatch('deleted', batch);
  return jsonReply(200, { id: batch.id, type: 'message_batch_deleted' }, headers);
}

/** @throws ApiError 404 for a batch that does not exist, or not for this workspace */
export function findBatch(api: SimulatedApi, { caller, pathId }: Exchange): BatchRecord {
  const batch = api.batches.find(caller.workspace, pathId);
  if (batch === undefined || batch.hiddenUntilMs > api.clock.now()) {
    throw new ApiError('not_found_error', `Message batch ${pathId} not found.`);
  }
  return batch;
}

function presented(api: SimulatedApi, { faults }: Exchange, batch: BatchRecord) {
  const origin = faultOf(faults, 'results_url')?.origin ?? api.origin;
  return presentBatch(batch, api.clock.now(), api.clock.scaled(BATCH_ARCHIVE_MS), origin);
}

function present(api: SimulatedApi, exchange: Exchange, batch: BatchRecord, headers: Headers): Reply {
  return jsonReply(200, presented(api, exchange, batch), headers);
}

/** Books every batch that has ended since the last look: succeeded items are billed, the others are noted. */
export function bookEnded(api: SimulatedApi): void {
  for (const batch of api.batches.takeEnded(api.clock.now())) {
    batch.booked = true;
    for (const item of batch.items) {
      const outcome = outcomeOf(batch, item);
      const booking = {
        kind: 'batch',
        at: outcome === item.outcome ? (item.doneAtMs ?? endsAtMs(batch)) : endsAtMs(batch),
        key: batch.key,
        workspace: batch.workspace,
        organization: batch.organization,
        model: item.model,
        messageId: item.messageId,
        requestId: null,
        batchId: batch.id,
        customId: item.customId,
        outcome,
      } as const;
      if (outcome === 'succeeded' && item.usage !== null) api.ledger.bill({ ...booking, usage: item.usage });
      else api.ledger.note({ ...booking, usage: null });
    }
    api.onBatch('booked', batch);
  }
}
