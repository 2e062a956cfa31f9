'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { previousSummaryQuery, summaryQuery, volumeQuery } from '@/app/_data/metrics';
import type { PageRange } from '@/app/_data/page-range';
import { savingsQuery } from '@/app/_data/spend';
import { countText, moneyText, shareText } from '@/app/_ui/amounts';
import { sparksOf } from '@/app/_ui/charts/sparks';
import { type Kpi, KpiTiles } from '@/app/_ui/kpi-tiles';
import { usePageHref } from '@/app/_ui/shell/use-page-href';
import type { Summary } from '@/lib/contract/metrics';
import { changeOf } from '@/lib/core/series/change';
import type { Spark } from '@/lib/core/series/spark';

/** The first five seconds: what it cost, what batching saved, what is broken; each against the period before. */
export function KpiStrip({ range }: { range: PageRange }) {
  const query = useQuery(summaryQuery(range));
  const href = usePageHref();
  const previous = useQuery(previousSummaryQuery(range));
  const volume = sparksOf(range, useQuery(volumeQuery(range)));
  const money = sparksOf(range, useQuery(savingsQuery(range)));
  const sparks: Record<string, Spark | null> = {
    Spend: money(({ costUsd }) => Number(costUsd)),
    Saved: money(({ savedUsd }) => Number(savedUsd)),
    'Batch share': volume(({ batched, requests }) => shareOf(batched, requests)),
    Requests: volume(({ requests }) => requests),
    'Error rate': volume(({ errors, requests }) => shareOf(errors, requests)),
    'Deadlines met': volume(({ inTime, deadlines }) => shareOf(inTime, deadlines)),
  };
  return (
    <KpiTiles
      name="Key figures of the range"
      query={query}
      kpis={(summary) =>
        kpis(summary, previous.data ?? null, href('/prices')).map((kpi) => ({ ...kpi, spark: sparks[kpi.name] }))
      }
    />
  );
}

function kpis(now: Summary, before: Summary | null, pricesHref: string): Kpi[] {
  const saved = Number(now.savedUsd);
  const waste = Number(now.wasteUsd);
  const batched = batchShare(now);
  const errors = shareOf(now.errors, now.requests);
  const met = shareOf(now.inTime, now.deadlines);
  return [
    {
      name: 'Spend',
      value: moneyText(now.costUsd),
      detail:
        now.unpriced > 0 ? (
          <Link href={pricesHref}>{countText(now.unpriced)} unpriced, not in it</Link>
        ) : waste > 0 ? (
          `${moneyText(now.wasteUsd)} of it waste`
        ) : (
          'no waste'
        ),
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
      name: 'Batch share',
      value: shareText(batched ?? 0),
      detail: 'of requests, by lane',
      change: changeOf(batched ?? 0, before && batchShare(before), 'neither'),
      tone: batched ? 'batch' : undefined,
    },
    {
      name: 'Requests',
      value: countText(now.requests),
      detail: `${countText(now.byModel.length)} ${now.byModel.length === 1 ? 'model' : 'models'}`,
      change: changeOf(now.requests, before?.requests ?? null, 'neither'),
    },
    {
      name: 'Error rate',
      value: shareText(errors ?? 0),
      detail: `${countText(now.errors)} ${now.errors === 1 ? 'error' : 'errors'}`,
      change: changeOf(errors ?? 0, before && shareOf(before.errors, before.requests), 'less'),
      tone: now.errors > 0 ? 'error' : undefined,
    },
    {
      name: 'Deadlines met',
      value: met === null ? '–' : shareText(met),
      detail: met === null ? 'no batch call had one' : missedText(now),
      change: met === null ? null : changeOf(met, before && shareOf(before.inTime, before.deadlines), 'more'),
      tone: now.deadlines > now.inTime ? 'waste' : undefined,
    },
  ];
}

function batchShare({ byLane, requests }: Summary): number | null {
  return shareOf(byLane.find(({ lane }) => lane === 'batch')?.requests ?? 0, requests);
}

/** Of nothing there is no share. */
function shareOf(some: number, all: number): number | null {
  return all > 0 ? some / all : null;
}

function missedText({ deadlines, inTime }: Summary): string {
  return `${countText(deadlines - inTime)} missed, n = ${countText(deadlines)}`;
}
