import { countText, durationText, moneyText, shareText } from '@/app/_ui/amounts';
import type { RequestDetail } from '@/lib/contract/requests';

type Line = readonly [name: string, value: string];

/** What was measured when the lane was chosen, what was predicted of it, and what came true: nothing where nothing was. */
export function judgement({ request, decided, prediction }: RequestDetail): Line[] {
  if (!decided) return [];
  return [
    ...measured(decided),
    ...(prediction ? predicted(prediction) : []),
    ...(prediction && request.lane === 'batch' ? outcome(request) : []),
  ];
}

function measured({ turnaround, syncNeedMs, batchBacklog, prefix, headers }: Decided): Line[] {
  const batches = turnaround
    ? `p50 ${msText(turnaround.p50)}, p95 ${msText(turnaround.p95)}, n = ${countText(turnaround.samples)}`
    : 'none measured';
  return [
    ['Batches of the model', batches],
    ['Sync answer needs', durationText(syncNeedMs)],
    ['Items in the lane', countText(batchBacklog)],
    ...(prefix
      ? [['Cached prefix', `${countText(prefix.tokens)} tokens, ${prefix.warm ? 'warm in sync' : 'not warm'}`] as const]
      : []),
    ...Object.entries(headers).map(([name, value]) => [`Header ${name}`, value ?? 'not sent'] as const),
  ];
}

function predicted({ h, F, lower, nEff, syncCostUsd, batchCostUsd }: Prediction): Line[] {
  const share =
    F === null
      ? 'not known'
      : `${shareText(F)} (at least ${shareText(lower ?? 0)} with 95 %, n = ${countText(Math.round(nEff ?? 0))})`;
  return [
    ['Time for the batch', h === null ? 'not known' : durationText(Math.max(0, h))],
    ['Back in that time', share],
    ['Expected in sync', syncCostUsd === null ? 'not known' : moneyText(syncCostUsd)],
    ['Expected in batch', batchCostUsd === null ? 'not known' : moneyText(batchCostUsd)],
  ];
}

function outcome({ servedBy, costUsd, syncCostUsd }: RequestDetail['request']): Line[] {
  if (servedBy === null) return [];
  const came = servedBy === 'batch' ? 'back in time' : 'not back in time: answered by sync';
  const paid =
    costUsd === null || syncCostUsd === null ? '' : `, ${moneyText(costUsd)} instead of ${moneyText(syncCostUsd)}`;
  return [['What came true', `${came}${paid}`]];
}

function msText(ms: number | null): string {
  return ms === null ? '–' : durationText(ms);
}

type Decided = NonNullable<RequestDetail['decided']>;
type Prediction = NonNullable<RequestDetail['prediction']>;
