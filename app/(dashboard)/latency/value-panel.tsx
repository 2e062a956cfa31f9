'use client';

import { useQuery } from '@tanstack/react-query';
import { waitingValueQuery } from '@/app/_data/turnaround';
import { countText, moneyText } from '@/app/_ui/amounts';
import { IntervalPlot } from '@/app/_ui/charts/interval-plot';
import { Swatch } from '@/app/_ui/charts/swatch';
import { InertText } from '@/app/_ui/inert-text';
import { Panel } from '@/app/_ui/panel';
import { Empty, QueryState } from '@/app/_ui/query-state';
import { ScrollRegion } from '@/app/_ui/scroll-region';
import type { WaitingValue } from '@/lib/contract/turnaround-metrics';
import { subjectOf } from '@/lib/core/series/chart-model';
import { roundDurationText } from '@/lib/core/series/duration-axis';
import { intervalChart } from '@/lib/core/series/interval-chart';
import { waitingVerdict } from '@/lib/core/series/waiting-verdict';
import classes from './latency.module.css';
import type { LatencyScope } from './scope';

const HEIGHT = 432;

/** The table that the product was made for: what a minute of waiting buys, where it buys most first. */
export function ValuePanel({ range, models }: LatencyScope) {
  const query = useQuery(waitingValueQuery(range, models));
  return (
    <Panel title="What a minute of waiting buys" note="saved per request ÷ extra minutes">
      <QueryState what="What waiting buys" query={query} height={HEIGHT}>
        {({ rows }) => {
          const batched = rows.filter(({ batched: n, turnaround }) => n > 0 || turnaround.n > 0);
          const verdict = waitingVerdict(rows);
          const medians = intervalChart(rows);
          return batched.length === 0 ? (
            <Empty height={HEIGHT}>
              No call went to batch in this range. Calls that state a tolerance (x-offpeak-tolerance: 10m) may.
            </Empty>
          ) : (
            <div style={{ minHeight: HEIGHT }}>
              <p className={classes.verdict} data-kind={verdict.kind}>
                {verdict.sentence}
              </p>
              <ScrollRegion name="What a minute of waiting buys, table">
                <table className={`rows ${classes.table}`}>
                  <thead>
                    <tr>
                      <th scope="col">Model</th>
                      <th scope="col" data-numeric>
                        Saved / minute
                      </th>
                      <th scope="col" data-numeric>
                        Extra wait
                      </th>
                      <th scope="col" data-numeric title="Calls that the policy sent to batch">
                        n
                      </th>
                    </tr>
                  </thead>
                  <tbody>
                    {batched.map((row) => (
                      <ValueRow key={row.model} row={row} />
                    ))}
                  </tbody>
                </table>
              </ScrollRegion>
              {medians.rows.length > 0 ? (
                <IntervalPlot name="Median turnaround with its 95 % interval, cheapest model first" chart={medians} />
              ) : null}
              <p className="small soft">
                Saved: sync cost − cost of what was sent to batch, escalations and waste included. Extra wait: median
                latency in batch − median in sync.
              </p>
            </div>
          );
        }}
      </QueryState>
    </Panel>
  );
}

function ValueRow({ row }: { row: WaitingValue }) {
  const { model, savedPerMinuteUsd, savedPerRequestUsd, extraMs, batched } = row;
  const perMinute = savedPerMinuteUsd === null ? null : Number(savedPerMinuteUsd);
  return (
    <tr>
      <th scope="row">
        <span className={classes.model}>
          <Swatch of={{ subject: subjectOf(model), weight: 'strong' }} kind="bars" />
          <InertText>{model.replace(/^claude-/, '')}</InertText>
        </span>
      </th>
      <td data-numeric>
        {perMinute === null ? (
          <span className="soft">
            {savedPerRequestUsd !== null && extraMs !== null
              ? 'no wait'
              : row.price
                ? 'not enough measured'
                : 'unpriced'}
          </span>
        ) : (
          <span className={`${classes.value} ${perMinute < 0 ? classes.waste : classes.saved}`}>
            {moneyText(savedPerMinuteUsd ?? '0')}
          </span>
        )}
      </td>
      <td data-numeric>
        {extraMs === null ? <span className="soft">–</span> : roundDurationText(Math.max(0, extraMs))}
      </td>
      <td data-numeric className="soft">
        {countText(batched)}
      </td>
    </tr>
  );
}
