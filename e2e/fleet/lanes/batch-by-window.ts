import type Anthropic from '@anthropic-ai/sdk';
import type { Ask, Question } from './ask';
import { type AnsweredItem, type BatchTally, messageOf, runBatch } from './batch-watch';

interface Pool {
  requests: Question['params'][];
  items: Promise<Map<string, AnsweredItem['result']>>;
}

/**
 * Calls are collected for a fixed time and go into one batch, whatever their model; then the next pool opens. Nothing is
 * measured, no deadline is known and no prompt cache looked at: what batching proxies do.
 */
export function batchByWindow(
  client: Anthropic,
  { windowMs, ...options }: { windowMs: number; pollMs: number; tally: BatchTally; signal: AbortSignal },
): Ask {
  let open: Pool | null = null;

  function newPool(): Pool {
    const requests: Pool['requests'] = [];
    const closed = new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        open = null;
        resolve();
      }, windowMs);
      options.signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
    });
    const items = closed.then(async () => {
      const entries = requests.map((params, i) => ({ custom_id: `item-${i}`, params }));
      const answered = await runBatch(client, entries, options);
      return new Map(answered.map(({ customId, result }) => [customId, result]));
    });
    return { requests, items };
  }

  return async ({ params }, signal) => {
    open ??= newPool();
    const { requests, items } = open;
    const customId = `item-${requests.length}`;
    requests.push(params);
    const results = await untilAborted(items, signal);
    return { message: messageOf(results.get(customId)), firstMs: null, lane: null };
  };
}

function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
