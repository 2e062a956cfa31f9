import type { ClosedRecord } from '@/lib/core/request-record';
import type { ForgottenItem } from '@/lib/store/lane/lane-store';

/** The log's second record of a probe's item: its answer is nobody's, so what it cost was not delivered. */
export function closeProbe({ opened, outcome, outcomeAt, answer }: ForgottenItem): ClosedRecord {
  const hasEnded = outcome === 'answered';
  return {
    id: opened.id,
    state: hasEnded ? 'succeeded' : 'failed',
    servedBy: answer?.servedBy ?? null,
    httpStatus: answer?.status ?? null,
    errorType: hasEnded ? null : (answer?.errorType ?? 'dropped'),
    ttfbMs: null,
    latencyMs: hasEnded ? outcomeAt - opened.arrivedAt : null,
    upstreamRequestId: answer?.attempt?.upstreamRequestId ?? null,
    batchId: answer?.msgbatchId ?? null,
    attempts: answer?.attempt ? [answer.attempt] : [],
  };
}
