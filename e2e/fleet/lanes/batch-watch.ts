import { setTimeout as sleep } from 'node:timers/promises';
import type Anthropic from '@anthropic-ai/sdk';

/** What it took to have batches answered. */
export interface BatchTally {
  polls: number;
}

export interface AnsweredItem {
  customId: string;
  result: Anthropic.Messages.MessageBatchResult;
}

/** Makes one batch and polls it, and it alone, until it has ended; then reads its results. */
export async function runBatch(
  client: Anthropic,
  requests: Anthropic.Messages.BatchCreateParams['requests'],
  { pollMs, tally, signal }: { pollMs: number; tally: BatchTally; signal: AbortSignal },
): Promise<AnsweredItem[]> {
  let batch = await client.messages.batches.create({ requests }, { signal });
  while (batch.processing_status !== 'ended') {
    await sleep(pollMs, null, { signal });
    tally.polls++;
    batch = await client.messages.batches.retrieve(batch.id, {}, { signal });
  }
  const items: AnsweredItem[] = [];
  for await (const { custom_id: customId, result } of await client.messages.batches.results(batch.id, {}, { signal })) {
    items.push({ customId, result });
  }
  return items;
}

/** @throws for every outcome but success: these lanes have nothing else to fall back on. */
export function messageOf(result: AnsweredItem['result'] | undefined): Anthropic.Message {
  if (result?.type === 'succeeded') return result.message;
  const detail = result?.type === 'errored' ? `: ${result.error.error.message}` : '';
  throw new Error(`the batch’s result was ${result?.type ?? 'missing'}${detail}`);
}
