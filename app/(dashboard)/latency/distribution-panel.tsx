'use client';

import { NativeSelect, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import dynamic from 'next/dynamic';
import { useQueryStates } from 'nuqs';
import { useMemo, useState } from 'react';
import { latencyQuery } from '@/app/_data/metrics';
import { FigurePanel } from '@/app/_ui/charts/figure-panel';
import { deadlineText, readDeadline } from '@/lib/core/series/deadline';
import { type BatchMeasure, distributionChart } from '@/lib/core/series/distribution-chart';
import { DeadlineReadings, readingOf } from './deadline-readings';
import classes from './latency.module.css';
import type { LatencyScope } from './scope';
import { latencyParams } from './search-params';

const DistributionPlot = dynamic(() => import('@/app/_ui/charts/distribution-plot').then((m) => m.DistributionPlot), {
  ssr: false,
});

const PLOT_HEIGHT = 256;
const HEIGHT = 432;
const MEASURES: readonly { value: BatchMeasure; label: string }[] = [
  { value: 'turnaround', label: 'turnaround' },
  { value: 'latency', label: 'latency' },
];

/** Of each model: what share is done within what time, in sync and in batch. */
export function DistributionPanel({ range, models }: LatencyScope) {
  const query = useQuery(latencyQuery(range, models));
  const [{ deadline }, set] = useQueryStates(latencyParams, { history: 'replace' });
  const [measure, setMeasure] = useState<BatchMeasure>('turnaround');
  const [only, setOnly] = useState<string | null>(null);
  const chart = useMemo(() => query.data && distributionChart(query.data.rows, measure), [query.data, measure]);
  const shown = only !== null && chart?.curves.some(({ model }) => model === only) ? only : null;
  const setDeadline = (ms: number) => void set({ deadline: ms });
  return (
    <FigurePanel
      title="Done within"
      note="bold: batch, 95 % band; thin: sync"
      height={HEIGHT}
      query={query}
      table={chart?.table ?? null}
      isEmpty={chart?.empty ?? false}
      emptyText="Nothing has ended in this range."
      controls={
        <div className={classes.controls}>
          <TypedDeadline key={deadline} deadlineMs={deadline} onDeadline={setDeadline} />
          <NativeSelect
            size="xs"
            aria-label="What stands for batch"
            value={measure}
            onChange={(event) => setMeasure(event.currentTarget.value === 'latency' ? 'latency' : 'turnaround')}
            data={[...MEASURES]}
          />
        </div>
      }
    >
      {() =>
        chart ? (
          <div style={{ minHeight: HEIGHT }}>
            <div style={{ height: PLOT_HEIGHT }}>
              <DistributionPlot
                chart={chart}
                height={PLOT_HEIGHT}
                only={shown}
                deadlineMs={deadline}
                reading={readingOf(chart, deadline)}
                onDeadline={setDeadline}
              />
            </div>
            <DeadlineReadings chart={chart} deadlineMs={deadline} only={shown} onOnly={setOnly} />
          </div>
        ) : null
      }
    </FigurePanel>
  );
}

/** Its key is the deadline: dragged elsewhere, it shows that one. */
function TypedDeadline({ deadlineMs, onDeadline }: { deadlineMs: number; onDeadline: (ms: number) => void }) {
  const [text, setText] = useState(deadlineText(deadlineMs));
  const ms = readDeadline(text);
  const apply = () => {
    if (ms !== null && ms !== deadlineMs) onDeadline(ms);
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        apply();
      }}
    >
      <TextInput
        size="xs"
        className={classes.typed ?? ''}
        aria-label="Deadline, such as 10m or 90s"
        title="A deadline, such as 10m or 90s"
        value={text}
        error={ms === null}
        onChange={(event) => setText(event.currentTarget.value)}
        onBlur={apply}
      />
    </form>
  );
}
