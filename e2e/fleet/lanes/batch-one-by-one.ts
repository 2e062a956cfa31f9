import type Anthropic from '@anthropic-ai/sdk';
import type { Ask } from './ask';
import { type BatchTally, messageOf, runBatch } from './batch-watch';

/** Every call is a batch of its own, with a poller of its own: what a wrapper around the SDK does. */
export function batchOneByOne(client: Anthropic, options: { pollMs: number; tally: BatchTally }): Ask {
  return async ({ params }, signal) => {
    const [item] = await runBatch(client, [{ custom_id: 'only', params }], { ...options, signal });
    return { message: messageOf(item?.result), firstMs: null, lane: null };
  };
}
