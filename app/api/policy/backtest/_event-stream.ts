import { failureAnswer, toFailure } from '@/app/api/_door/failure';
import type { Deps } from '@/lib/deps';

type Work = (signal: AbortSignal, onProgress: (progress: unknown) => void) => Promise<unknown>;

/**
 * Server-sent events: `progress` as often as there is some, then one `result` or `error` (the same body that another
 * caller would get). Hanging up aborts the work.
 */
export function eventStream(deps: Deps, request: Request, work: Work): Response {
  const hangUp = new AbortController();
  const signal = AbortSignal.any([request.signal, hangUp.signal]);
  const encoder = new TextEncoder();
  const stream = new ReadableStream<Uint8Array>({
    async start(out) {
      const tell = (event: string, data: unknown) => {
        if (!signal.aborted) out.enqueue(encoder.encode(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`));
      };
      try {
        tell('result', await work(signal, (progress) => tell('progress', progress)));
      } catch (error) {
        if (!signal.aborted) tell('error', await failureAnswer(toFailure(error, deps.log, 'backtest')).json());
      }
      if (!hangUp.signal.aborted) out.close();
    },
    cancel() {
      hangUp.abort();
    },
  });
  // Next would compress it, and gather the events of several seconds.
  const headers = { 'content-type': 'text/event-stream', 'cache-control': 'no-store, no-transform' };
  return new Response(stream, { headers });
}
