'use client';

import { useQuery } from '@tanstack/react-query';
import dynamic from 'next/dynamic';
import { calibrationQuery } from '@/app/_data/turnaround';
import { countText } from '@/app/_ui/amounts';
import { FigurePanel } from '@/app/_ui/charts/figure-panel';
import { Swatch } from '@/app/_ui/charts/swatch';
import { InertText } from '@/app/_ui/inert-text';
import { ScrollRegion } from '@/app/_ui/scroll-region';
import type { CalibrationAnswer } from '@/lib/contract/turnaround-metrics';
import { subjectOf } from '@/lib/core/series/chart-model';
import { judgement, reliabilityChart } from '@/lib/core/series/reliability-chart';
import classes from './latency.module.css';
import type { LatencyScope } from './scope';

const ReliabilityPlot = dynamic(() => import('@/app/_ui/charts/reliability-plot').then((m) => m.ReliabilityPlot), {
  ssr: false,
});

const PLOT_HEIGHT = 200;
const HEIGHT = 320;

/** Whether `auto` knows what it promises. */
export function CalibrationPanel({ range, models }: LatencyScope) {
  const query = useQuery(calibrationQuery(range, models));
  const chart = query.data && reliabilityChart(query.data.models);
  return (
    <FigurePanel
      title="Did auto’s predictions hold?"
      note="of calls that auto sent to batch"
      height={HEIGHT}
      query={query}
      table={chart?.table ?? null}
      isEmpty={chart?.empty ?? false}
      emptyText="No call in this range went to batch on a prediction whose outcome is known."
    >
      {() =>
        chart && query.data ? (
          <div className={classes.calibration} style={{ minHeight: HEIGHT }}>
            <div style={{ height: PLOT_HEIGHT }}>
              <ReliabilityPlot chart={chart} height={PLOT_HEIGHT} />
            </div>
            <ScrollRegion name="Predictions by model, table">
              <table className={`rows ${classes.table}`}>
                <thead>
                  <tr>
                    <th scope="col">Model</th>
                    {['Predicted', 'In time', '95 %', 'Calls', 'Batches'].map((name) => (
                      <th key={name} scope="col" data-numeric>
                        {name}
                      </th>
                    ))}
                    <th scope="col">So</th>
                  </tr>
                </thead>
                <tbody>
                  {query.data.models.map((row) => (
                    <ModelRow key={row.model} row={row} />
                  ))}
                </tbody>
              </table>
            </ScrollRegion>
          </div>
        ) : null
      }
    </FigurePanel>
  );
}

const WORDS = {
  'as predicted': { text: 'held', tone: 'saved' },
  'too hopeful': { text: 'hopeful', tone: 'waste' },
  'too careful': { text: 'careful', tone: undefined },
  'not measured': { text: 'too few', tone: undefined },
} as const;

function ModelRow({ row: { model, all, open } }: { row: CalibrationAnswer['models'][number] }) {
  const percent = (share: number) => `${Math.round(share * 100)}`;
  const so = judgement(all);
  const { text, tone } = WORDS[so];
  return (
    <tr>
      <th scope="row">
        <span className={classes.model}>
          <Swatch of={{ subject: subjectOf(model), weight: 'strong' }} kind="bars" />
          <InertText>{model.replace(/^claude-/, '')}</InertText>
        </span>
      </th>
      <td data-numeric>{all ? `${percent(all.predicted)} %` : '–'}</td>
      <td data-numeric>{all ? `${percent(all.inTime)} %` : '–'}</td>
      <td data-numeric className="soft">
        {all ? `${percent(all.low)}–${percent(all.high)}` : '–'}
      </td>
      <td data-numeric className="soft" title={`${countText(open)} more have no known outcome yet`}>
        {countText(all?.calls ?? 0)}
      </td>
      <td data-numeric className="soft">
        {countText(all?.batches ?? 0)}
      </td>
      <td className={tone ? classes[tone] : 'soft'} title={so}>
        {text}
      </td>
    </tr>
  );
}
