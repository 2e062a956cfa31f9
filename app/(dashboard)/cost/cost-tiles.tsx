'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { previousSummaryQuery, summaryQuery } from '@/app/_data/metrics';
import type { PageRange } from '@/app/_data/page-range';
import { savingsQuery, tokensQuery } from '@/app/_data/spend';
import { countText, moneyText, shareText } from '@/app/_ui/amounts';
import { sparksOf } from '@/app/_ui/charts/sparks';
import { type Kpi, KpiTiles } from '@/app/_ui/kpi-tiles';
import { usePageHref } from '@/app/_ui/shell/use-page-href';
import type { Summary } from '@/lib/contract/metrics';
import type { TokensAnswer } from '@/lib/contract/spend-metrics';
import { changeOf } from '@/lib/core/series/change';
import type { Spark } from '@/lib/core/series/spark';
import { allTokens, cacheShare, sumTokens } from '@/lib/core/series/token-chart';

export function CostTiles({ range }: { range: PageRange }) {
  const query = useQuery(summaryQuery(range));
  const { data: before } = useQuery(previousSummaryQuery(range));
  const { data: tokens } = useQuery(tokensQuery(range));
  const href = usePageHref();
  const money = sparksOf(range, useQuery(savingsQuery(range)));
  const used = sparksOf(range, useQuery(tokensQuery(range)));
  const sparks: Record<string, Spark | null> = {
    Spend: money(({ costUsd }) => Number(costUsd)),
    Saved: money(({ savedUsd }) => Number(savedUsd)),
    Waste: money(({ wasteUsd }) => Number(wasteUsd)),
    'Per request': money(({ costUsd, requests, unpriced }) =>
      requests > unpriced ? Number(costUsd) / (requests - unpriced) : null,
    ),
    'Cache reads': used(({ tokens: some }) => (allTokens(some) > some.output ? cacheShare(some) : null)),
    Unpriced: money(({ unpriced }) => unpriced),
  };
  return (
    <KpiTiles
      name="Key figures of cost"
      query={query}
      kpis={(now) =>
        kpis(now, before ?? null, tokens, href('/prices')).map((kpi) => ({ ...kpi, spark: sparks[kpi.name] }))
      }
    />
  );
}

function kpis(now: Summary, before: Summary | null, tokens: TokensAnswer | undefined, prices: string): Kpi[] {
  const [cost, saved, waste] = [now.costUsd, now.savedUsd, now.wasteUsd].map(Number) as [number, number, number];
  const used = tokens && sumTokens(tokens.byModel.map((row) => row.tokens));
  const perMillion = tokens && perMillionUsd(cost, tokens.byModel);
  return [
    {
      name: 'Spend',
      value: moneyText(now.costUsd),
      detail: `all sync: ${moneyText(now.syncCostUsd)}`,
      change: changeOf(cost, before && Number(before.costUsd), 'less'),
    },
    {
      name: 'Saved',
      value: moneyText(now.savedUsd),
      detail: 'waste subtracted',
      change: changeOf(saved, before && Number(before.savedUsd), 'more'),
      tone: saved > 0 ? 'saved' : saved < 0 ? 'waste' : undefined,
    },
    {
      name: 'Waste',
      value: moneyText(now.wasteUsd),
      detail: cost > 0 ? `${shareText(waste / cost)} of spend` : 'nothing spent',
      change: changeOf(waste, before && Number(before.wasteUsd), 'less'),
      tone: waste > 0 ? 'waste' : undefined,
    },
    {
      name: 'Per request',
      value: perRequest(now),
      detail: perMillion === undefined ? '' : `${perMillion} per M tokens`,
      change: changeOf(meanCost(now) ?? 0, before && meanCost(before), 'less'),
    },
    {
      name: 'Cache reads',
      value: used ? shareText(cacheShare(used)) : '–',
      detail: used ? 'of prompt tokens' : '',
      change: null,
    },
    {
      name: 'Unpriced',
      value: countText(now.unpriced),
      detail: now.unpriced > 0 ? <Link href={prices}>calls in no sum</Link> : 'all calls have a price',
      change: null,
      tone: now.unpriced > 0 ? 'waste' : undefined,
    },
  ];
}

/** Of priced requests: the others' cost is not known. */
function meanCost({ costUsd, requests, unpriced }: Summary): number | null {
  return requests > unpriced ? Number(costUsd) / (requests - unpriced) : null;
}

function perRequest(summary: Summary): string {
  const mean = meanCost(summary);
  return mean === null ? '–' : moneyText(mean);
}

export function perMillionUsd(costUsd: number, rows: readonly { pricedTokens: number }[]): string {
  const tokens = rows.reduce((sum, { pricedTokens }) => sum + pricedTokens, 0);
  return tokens > 0 ? moneyText((costUsd / tokens) * 1_000_000) : '–';
}
