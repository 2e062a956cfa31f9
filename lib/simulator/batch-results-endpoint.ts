import { ApiError } from './api-error';
import { type BatchItem, type BatchRecord, outcomeOf, statusOf } from './batch-record';
import { bookEnded, findBatch } from './batches-endpoint';
import type { Exchange } from './exchange';
import type { Fault } from './fault-rule';
import { faultOf } from './fault-script';
import { BATCH_ARCHIVE_MS } from './plan-batch';
import type { Reply, ReplyChunk } from './reply';
import { SeededRandom } from './seeded-random';
import type { SimulatedApi } from './simulated-api';

/** `GET /v1/messages/batches/{id}/results`: JSONL in no particular order (Message Batches API). @throws ApiError 404 */
export function answerResults(api: SimulatedApi, exchange: Exchange): Reply {
  const nowMs = api.clock.now();
  const headers = api.limits.admitRequest(exchange.caller.organization, 'batches', nowMs);
  bookEnded(api);
  const batch = findBatch(api, exchange);
  if (statusOf(batch, nowMs) !== 'ended') {
    throw new ApiError('not_found_error', `Batch ${batch.id} has no available results until it has ended.`);
  }
  if (nowMs >= batch.createdAtMs + api.clock.scaled(BATCH_ARCHIVE_MS)) {
    throw new ApiError('not_found_error', `The results of batch ${batch.id} are no longer available.`);
  }
  const lines = shuffled(batch.items, new SeededRandom(api.seed, `${batch.purpose}|order`)).map((item) =>
    lineOf(batch, item),
  );
  return {
    status: 200,
    headers: { 'content-type': 'application/x-jsonl', ...headers },
    body: spoil(lines, faultOf(exchange.faults, 'results')),
  };
}

function lineOf(batch: BatchRecord, item: BatchItem): string {
  const outcome = outcomeOf(batch, item);
  const result = outcome === item.outcome ? item.result : `{"type":"${outcome}"}`;
  return `{"custom_id":"${item.customId}","result":${result}}\n`;
}

function shuffled<T>(items: readonly T[], random: SeededRandom): T[] {
  return items
    .map((item) => ({ item, key: random.next() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

function spoil(lines: readonly string[], fault: Extract<Fault, { kind: 'results' }> | undefined): ReplyChunk[] {
  const chunks = lines.map((bytes) => ({ bytes }));
  if (fault === undefined) return chunks;
  const at = fault.after ?? Math.floor(lines.length / 2);
  const line = lines[at] ?? lines.at(-1) ?? '';
  const before = chunks.slice(0, at);
  const rest = chunks.slice(at);
  switch (fault.variant) {
    case 'truncate_at_line':
      return before;
    case 'truncate_mid_line':
      return [...before, { bytes: line.slice(0, Math.ceil(line.length / 2)) }];
    case 'blank_line':
      return [...before, { bytes: '\n' }, ...rest];
    case 'duplicate':
      return [...chunks, { bytes: line }];
    case 'foreign':
      return [...before, { bytes: line.replace(/"custom_id":"[^"]*"/, '"custom_id":"somebody-elses-1"') }, ...rest];
  }
}
