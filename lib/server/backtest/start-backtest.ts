import { Worker } from 'node:worker_threads';
import type { z } from 'zod';
import type { BacktestAnswer } from '@/lib/contract/policy-backtest';
import { ApiError } from '@/lib/core/errors';
import type { PolicyDocument } from '@/lib/core/policy/document';
import type { TimeRange } from '@/lib/core/time-range';
import type { RunBacktest } from '@/lib/deps';
import type { UpstreamScope } from '@/lib/store/request-filter';
import type { Progress } from './backtest-log';

/** What the thread is given. */
export interface BacktestJob {
  databaseUrl: string;
  document: PolicyDocument;
  upstream: UpstreamScope;
  range: TimeRange;
  now: number;
}

/** What the thread tells. */
export type FromWorker = { progress: Progress } | { result: z.output<typeof BacktestAnswer> };

const MOST_AT_ONCE = 2;
/** Of short-lived objects there are millions: with more room for them few outlive a collection. */
const YOUNG_MB = 64;
const IS_BUNDLE = import.meta.url.endsWith('.mjs');

/** Runs backtests, each in a thread of its own that ends with it or with its caller. */
export function backtests(databaseUrl: string): RunBacktest {
  let running = 0;
  return async (job, { signal, onProgress }) => {
    if (running >= MOST_AT_ONCE) {
      throw new ApiError('overloaded_error', `${MOST_AT_ONCE} backtests are running; try again when one is done`, {
        status: 503,
        headers: { 'retry-after': '5' },
      });
    }
    running++;
    try {
      return await inThread({ ...job, databaseUrl }, signal, onProgress);
    } finally {
      running--;
    }
  };
}

function inThread(
  job: BacktestJob,
  signal: AbortSignal,
  onProgress: (progress: Progress) => void,
): Promise<z.output<typeof BacktestAnswer>> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const worker = startThread(job);
    const cancel = () => {
      void worker.terminate();
      reject(signal.reason);
    };
    signal.addEventListener('abort', cancel, { once: true });
    worker.on('message', (message: FromWorker) => {
      if ('progress' in message) onProgress(message.progress);
      else resolve(message.result);
    });
    worker.once('error', reject);
    worker.once('exit', () => {
      signal.removeEventListener('abort', cancel);
      reject(new Error('the backtest ended without a result'));
    });
  });
}

/** From the bundle beside the server's own; from the sources through tsx, which a thread has to be told of. */
function startThread(workerData: BacktestJob): Worker {
  const options = { workerData, execArgv: [], env: {}, resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB } };
  if (IS_BUNDLE) return new Worker(new URL('./offpeak-backtest.mjs', import.meta.url), options);
  const entry = JSON.stringify(new URL('./backtest-worker.ts', import.meta.url).href);
  const code = `import('tsx/esm/api').then(({ register }) => { register(); return import(${entry}); })`;
  return new Worker(code, { ...options, eval: true });
}
