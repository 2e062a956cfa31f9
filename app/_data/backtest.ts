import { createParser } from 'eventsource-parser';
import type { BacktestAnswer } from '@/lib/contract/policy-backtest';
import { ApiFailure } from './fetch-json';

export interface BacktestCall {
  document: unknown;
  from: string;
  to: string;
}

export interface Progress {
  done: number;
  total: number;
}

/** Runs a backtest and tells how far it is. Aborting hangs up, which ends it on the server. */
export async function runBacktest(
  call: BacktestCall,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<BacktestAnswer> {
  const response = await fetch('/api/policy/backtest', {
    method: 'POST',
    headers: { accept: 'text/event-stream', 'content-type': 'application/json' },
    credentials: 'same-origin',
    body: JSON.stringify(call),
    signal,
  });
  if (!response.ok || !response.body) throw await failureOf(response);
  let result: BacktestAnswer | null = null;
  let failure: ApiFailure | null = null;
  const parser = createParser({
    onEvent({ event, data }) {
      const json: unknown = JSON.parse(data);
      if (event === 'progress') onProgress(json as Progress);
      else if (event === 'result') result = json as BacktestAnswer;
      else if (event === 'error') failure = new ApiFailure(500, 'api_error', messageOf(json));
    },
  });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) parser.feed(part.value);
  if (result) return result;
  throw failure ?? new ApiFailure(0, 'connection_error', 'The backtest ended without a result');
}

async function failureOf(response: Response): Promise<ApiFailure> {
  const json: unknown = await response.json().catch(() => null);
  return new ApiFailure(response.status, 'api_error', messageOf(json));
}

function messageOf(json: unknown): string {
  const { error } = (json ?? {}) as { error?: { message?: unknown } };
  return typeof error?.message === 'string' ? error.message : 'The backtest failed';
}
