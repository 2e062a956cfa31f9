'use client';

import { useQuery } from '@tanstack/react-query';
import type { PageRange } from '@/app/_data/page-range';
import { dailySpendQuery } from '@/app/_data/spend';
import { countText, moneyText } from '@/app/_ui/amounts';
import { Panel } from '@/app/_ui/panel';
import { QueryState } from '@/app/_ui/query-state';
import type { SavingsAnswer } from '@/lib/contract/spend-metrics';
import { type MonthForecast, monthForecast } from '@/lib/core/series/month-forecast';
import { monthOf } from '@/lib/core/series/zoned-time';
import classes from './cost.module.css';

const HEIGHT = 248;

/** What the month has cost and is likely to cost, whatever the page's range; and how that was worked out. */
export function MonthPanel({ range }: { range: PageRange }) {
  const query = useQuery(dailySpendQuery(range));
  return (
    <Panel title="Month end" note="forecast">
      <QueryState what="The forecast" query={query} height={HEIGHT}>
        {(answer) => <Forecast answer={answer} now={query.dataUpdatedAt} zone={range.tz} />}
      </QueryState>
    </Panel>
  );
}

function Forecast({ answer, now, zone }: { answer: SavingsAnswer; now: number; zone: string }) {
  const month = monthOf(now, zone);
  const days = answer.buckets.map(({ at, costUsd }, i) => ({
    at: Date.parse(at),
    end: Date.parse(answer.buckets[i + 1]?.at ?? '') || Number.POSITIVE_INFINITY,
    usd: Number(costUsd),
  }));
  const forecast = monthForecast(days, { monthStart: month.start, monthEnd: month.end, now });
  const { expected, spentUsd, dailyUsd, basisDays, daysLeft } = forecast;
  return (
    <div className={classes.month} style={{ minHeight: HEIGHT }}>
      <p>
        <span className={classes.figure}>{expected ? moneyText(expected.usd) : '–'}</span>
        <br />
        <span className="small soft">
          {expected ? `95 %: ${moneyText(expected.low)} to ${moneyText(expected.high)}` : 'not enough full days yet'}
        </span>
      </p>
      <dl className={classes.facts}>
        <dt>{month.name} so far</dt>
        <dd>{moneyText(spentUsd)}</dd>
        <dt>A full day</dt>
        <dd>{basisDays > 0 ? moneyText(dailyUsd) : '–'}</dd>
        <dt>Days left</dt>
        <dd>{daysLeft.toFixed(1)}</dd>
      </dl>
      <p className="small soft">{howText(forecast)}</p>
    </div>
  );
}

function howText({ expected, basisDays }: MonthForecast): string {
  if (!expected) return 'The forecast begins after two full days of calls.';
  return `Spent so far plus the days left at the mean of the last ${countText(basisDays)} full days; the range takes coming days to vary as those did. In the shown zone, of priced calls.`;
}
