'use client';

import { useEffect, useState } from 'react';
import { type Progress, runBacktest } from '@/app/_data/backtest';
import type { BacktestAnswer } from '@/lib/contract/policy-backtest';

export type BacktestState =
  | { state: 'running'; progress: Progress | null }
  | { state: 'done'; answer: BacktestAnswer }
  | { state: 'failed'; message: string }
  | { state: 'cancelled' };

/** Runs one whenever what it is about changes; leaving hangs up, which cancels it on the server too. */
export function useBacktest(document: string, from: string, to: string) {
  const [run, setRun] = useState(0);
  const [state, setState] = useState<BacktestState>({ state: 'running', progress: null });
  const [controller, setController] = useState<AbortController | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `run` asks for it again
  useEffect(() => {
    const own = new AbortController();
    setController(own);
    setState({ state: 'running', progress: null });
    const tell = (next: BacktestState) => {
      if (!own.signal.aborted) setState(next);
    };
    runBacktest(
      { document: JSON.parse(document) as unknown, from, to },
      (progress) => tell({ state: 'running', progress }),
      own.signal,
    ).then(
      (answer) => tell({ state: 'done', answer }),
      (error: unknown) => tell({ state: 'failed', message: error instanceof Error ? error.message : 'It failed' }),
    );
    return () => own.abort();
  }, [document, from, to, run]);
  return {
    state,
    cancel: () => {
      controller?.abort();
      setState({ state: 'cancelled' });
    },
    again: () => setRun((now) => now + 1),
  };
}
