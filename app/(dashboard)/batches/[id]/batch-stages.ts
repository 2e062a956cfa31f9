import { moneyText } from '@/app/_ui/amounts';
import type { Stage, StageEnd } from '@/app/_ui/stage';
import type { BatchRow } from '@/lib/contract/batches';

/** The way of a batch: made → sent → worked on upstream → seen to have ended → results taken over. */
export function batchStages(batch: BatchRow): { start: number; stages: Stage[]; end: StageEnd } {
  const start = Date.parse(batch.createdAt);
  const closed = ms(batch.closedAt);
  const posted = ms(batch.postedAt);
  const created = ms(batch.upstreamCreatedAt);
  const ended = ms(batch.endedAt);
  const seen = ms(batch.seenEndedAt);
  const cost = batch.costUsd === null ? null : moneyText(batch.costUsd);
  const stage = (id: string, name: string, tone: Stage['tone'], from: number | null, to: number | null): Stage[] =>
    from === null ? [] : [{ id, name, tone, from, to: to ?? closed, cost: null }];
  const stages = [
    ...stage('made', 'Made', 'quiet', start, posted),
    ...stage('sent', batch.state === 'unknown' ? 'Sent, no answer came' : 'Sent', 'quiet', posted, created),
    ...stage('open', 'Worked on upstream', 'batch', created, ended),
    ...stage('seen', 'Ended, not seen yet', 'quiet', ended, seen),
    ...stage('results', 'Results taken over', 'batch', seen, closed),
  ].map((one) => (one.id === 'open' ? { ...one, cost } : one));
  const name = batch.state === 'void' ? 'Void: it does not exist upstream' : closed === null ? 'At work' : 'Closed';
  return { start, stages, end: { name, at: closed, cost } };
}

function ms(at: string | null): number | null {
  return at === null ? null : Date.parse(at);
}
