'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { previousSummaryQuery, summaryQuery } from '@/app/_data/metrics';
import type { PageRange } from '@/app/_data/page-range';
import { countText, moneyText, shareText } from '@/app/_ui/amounts';
import { type Kpi, KpiTiles } from '@/app/_ui/kpi-tiles';
import { usePageHref } from '@/app/_ui/shell/use-page-href';
import type { Summary } from '@/lib/contract/metrics';
import { changeOf } from '@/lib/core/series/change';

/** The first five seconds: what it cost, what batching saved, what is broken; each against the period before. */
export function KpiStrip({ range }: { range: PageRange }) {
  const query = useQuery(summaryQuery(range));
  const href = usePageHref();
  const previous = useQuery(previousSummaryQuery(range));
  return (
    <KpiTiles
      name="Key figures of the range"
      query={query}
      kpis={(summary) => kpis(summary, previous.data ?? null, href('/prices'))}
    />
  );
}

function kpis(now: Summary, before: Summary | null, pricesHref: string): Kpi[] {
  const rate = now.requests > 0 ? now.errors / now.requests : 0;
  const rateBefore = before && before.requests > 0 ? before.errors / before.requests : null;
  const saved = Number(now.savedUsd);
  const batched = batchShare(now);
  return [
    {
      name: 'Spend',
      value: moneyText(now.costUsd),
      detail: Number(now.wasteUsd) > 0 ? `${moneyText(now.wasteUsd)} of it waste` : 'no waste',
      change: changeOf(Number(now.costUsd), before && Number(before.costUsd), 'less'),
    },
    {
      name: 'Saved',
      value: moneyText(now.savedUsd),
      detail: `all sync: ${moneyText(now.syncCostUsd)}`,
      change: changeOf(saved, before && Number(before.savedUsd), 'more'),
      tone: saved > 0 ? 'saved' : saved < 0 ? 'waste' : undefined,
    },
    {
      name: 'Requests',
      value: countText(now.requests),
      detail: `${countText(now.byModel.length)} ${now.byModel.length === 1 ? 'model' : 'models'}`,
      change: changeOf(now.requests, before?.requests ?? null, 'neither'),
    },
    {
      name: 'Error rate',
      value: shareText(rate),
      detail: `${countText(now.errors)} ${now.errors === 1 ? 'error' : 'errors'}`,
      change: changeOf(rate, rateBefore, 'less'),
      tone: now.errors > 0 ? 'error' : undefined,
    },
    {
      name: 'Batch share',
      value: shareText(batched ?? 0),
      detail: 'of requests, by lane',
      change: changeOf(batched ?? 0, before && batchShare(before), 'neither'),
      tone: batched ? 'batch' : undefined,
    },
    {
      name: 'Unpriced',
      value: countText(now.unpriced),
      detail: now.unpriced > 0 ? <Link href={pricesHref}>calls not in spend</Link> : 'all calls have a price',
      change: null,
      tone: now.unpriced > 0 ? 'waste' : undefined,
    },
  ];
}

function batchShare({ byLane, requests }: Summary): number | null {
  if (requests === 0) return null;
  return (byLane.find(({ lane }) => lane === 'batch')?.requests ?? 0) / requests;
}
