import { moneyText } from '@/app/_ui/amounts';
import type { Stage, StageEnd } from '@/app/_ui/stage';
import type { Attempt, RequestDetail } from '@/lib/contract/requests';
import type { Lane } from '@/lib/core/request-states';

export interface RequestStages {
  /** Unix ms: its arrival. */
  start: number;
  stages: Stage[];
  end: StageEnd;
}

/**
 * The way of a request, from its arrival to its caller:
 *
 *   queued → submitted → in the batch → results read → delivered
 *      └────────────────────┴──► answered by sync → delivered
 */
export function requestStages(detail: RequestDetail): RequestStages {
  const { request } = detail;
  const start = Date.parse(request.arrivedAt);
  const isOpen = request.state === 'waiting' || request.state === 'running';
  const at = isOpen ? null : endOf(detail, start);
  const wasInLane = request.lane === 'batch' || detail.item !== null || detail.batch !== null;
  const stages = wasInLane ? [...laneStages(detail, start, at), ...syncStages(detail, 'Answered by sync')] : [];
  if (!wasInLane) {
    stages.push(...syncStages(detail, 'Sync call'));
    if (isOpen) stages.push({ id: 'sync', name: 'Sync call', tone: 'sync', from: start, to: null, cost: null });
  }
  const cost = request.costUsd === null ? (isOpen ? null : 'unpriced') : moneyText(request.costUsd);
  return { start, stages, end: { name: endName(detail), at, cost } };
}

function laneStages(detail: RequestDetail, start: number, end: number | null): Stage[] {
  const { item, batch, attempts } = detail;
  const result = attempts.find(({ lane }) => lane === 'batch');
  const sync = ms(attempts.find(({ lane }) => lane === 'sync')?.startedAt);
  const created = ms(batch?.upstreamCreatedAt) ?? ms(result?.startedAt);
  const posted = ms(batch?.postedAt) ?? created;
  const ended = ms(batch?.endedAt) ?? ms(result?.endedAt);
  const isEscalating = item?.state === 'escalating';
  // What sync took over waits for its batch no longer, though that goes on.
  const left = sync ?? (isEscalating ? ms(item.escalateAt) : null) ?? end;
  const stages: Stage[] = [
    {
      id: 'queued',
      name: 'Queued',
      tone: 'quiet',
      from: start,
      to: batch && posted === null ? ms(batch.createdAt) : (posted ?? left),
      cost: null,
    },
  ];
  if (posted !== null) {
    stages.push({ id: 'submitted', name: 'Submitted', tone: 'quiet', from: posted, to: created, cost: null });
  }
  if (created !== null) {
    const isOver = batch?.state === 'closed' || batch?.state === 'void';
    stages.push({
      id: 'batch',
      name: 'In the batch',
      tone: toneOf(result, 'batch', end !== null),
      from: created,
      to: ended ?? (isOver ? left : null),
      ...noteOf(result, end !== null),
      cost: costOf(result),
    });
  }
  const isByBatch = detail.request.servedBy === 'batch' || (end === null && sync === null && !isEscalating);
  if (ended !== null && isByBatch) {
    const to = end ?? ms(item?.outcomeAt);
    stages.push({ id: 'results', name: 'Results read', tone: 'batch', from: ended, to, cost: null });
  }
  if (isEscalating && (sync === null || end === null)) {
    const from = Math.max(start, ms(item.escalateAt) ?? start);
    stages.push({ id: 'escalating', name: 'Answered by sync', tone: 'sync', from, to: null, cost: null });
  }
  return stages;
}

function syncStages({ request, attempts }: RequestDetail, name: string): Stage[] {
  const isOver = request.state !== 'waiting' && request.state !== 'running';
  return attempts
    .filter(({ lane }) => lane === 'sync')
    .map((attempt) => ({
      id: attempt.key,
      name,
      ...noteOf(attempt, isOver),
      tone: toneOf(attempt, 'sync', isOver),
      from: Date.parse(attempt.startedAt),
      to: Date.parse(attempt.endedAt),
      cost: costOf(attempt),
    }));
}

/** What became of an attempt, where it was not simply delivered. */
function noteOf(attempt: Attempt | undefined, isOver: boolean): { note?: string } {
  if (!attempt) return {};
  if (attempt.errorType !== null) return { note: attempt.errorType };
  return attempt.delivered || !isOver ? {} : { note: 'not delivered, waste' };
}

/** What was paid for and reached nobody is waste; what gave no answer is neither. */
function toneOf(attempt: Attempt | undefined, lane: Lane, isOver: boolean): Stage['tone'] {
  if (!attempt || attempt.delivered || !isOver) return lane;
  return attempt.usage === null ? 'quiet' : 'waste';
}

function costOf(attempt: Attempt | undefined): string | null {
  if (!attempt || attempt.usage === null) return null;
  return attempt.costUsd === null ? 'unpriced' : moneyText(attempt.costUsd);
}

function endOf({ request, item, attempts }: RequestDetail, start: number): number | null {
  if (request.latencyMs !== null) return start + request.latencyMs;
  const last = attempts.map(({ endedAt }) => Date.parse(endedAt)).at(-1);
  return ms(item?.outcomeAt) ?? last ?? null;
}

function endName({ request, item }: RequestDetail): string {
  if (request.state === 'succeeded') {
    return request.lane === 'batch' && request.servedBy === 'sync' ? 'Delivered, escalated to sync' : 'Delivered';
  }
  if (request.state === 'waiting') return item?.state === 'done' ? 'Answered, not fetched yet' : 'Waiting';
  return request.state.charAt(0).toUpperCase() + request.state.slice(1);
}

function ms(at: string | null | undefined): number | null {
  return at === null || at === undefined ? null : Date.parse(at);
}
