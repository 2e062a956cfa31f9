'use client';

import { useQuery } from '@tanstack/react-query';
import { latencyQuery, summaryQuery } from '@/app/_data/metrics';
import type { PageRange } from '@/app/_data/page-range';
import { countText, durationText, moneyText } from '@/app/_ui/amounts';
import { InertText } from '@/app/_ui/inert-text';
import { LaneMark } from '@/app/_ui/marks';
import { Panel } from '@/app/_ui/panel';
import { QueryState } from '@/app/_ui/query-state';
import { ScrollRegion } from '@/app/_ui/scroll-region';
import type { LatencyAnswer } from '@/lib/contract/metrics';
import { LANES, type Lane } from '@/lib/core/request-states';
import { LANES_HEIGHT } from './chart-window';
import classes from './lanes.module.css';

type LatencyRow = LatencyAnswer['rows'][number];

/** Sync against batch: how much went each way, what it cost, and how long its callers waited. */
export function LanePanel({ range }: { range: PageRange }) {
  const query = useQuery(summaryQuery(range));
  const { data: latency } = useQuery(latencyQuery(range));
  return (
    <Panel
      title="Sync and batch"
      note="latency as callers saw it, by model; turnaround is upstream’s, n counts batches"
    >
      <QueryState what="Sync and batch" query={query} height={LANES_HEIGHT}>
        {({ byLane }) => (
          <ScrollRegion name="Sync and batch, table" height={LANES_HEIGHT}>
            <table className="rows">
              <thead>
                <tr>
                  <th scope="col">Lane, model</th>
                  {['Requests', 'Spend', 'p50', 'p95', 'n'].map((name) => (
                    <th key={name} scope="col" data-numeric>
                      {name}
                    </th>
                  ))}
                </tr>
              </thead>
              {LANES.map((lane) => {
                const sums = byLane.find((one) => one.lane === lane);
                return (
                  <tbody key={lane}>
                    <tr className={classes.lane}>
                      <th scope="rowgroup">
                        <LaneMark lane={lane} />
                      </th>
                      <td data-numeric>{countText(sums?.requests ?? 0)}</td>
                      <td data-numeric>{moneyText(sums?.costUsd ?? '0')}</td>
                      <td colSpan={3} />
                    </tr>
                    {partsOf(lane, latency).map((row) => (
                      <Part key={`${row.measure} ${row.model}`} row={row} />
                    ))}
                  </tbody>
                );
              })}
            </table>
          </ScrollRegion>
        )}
      </QueryState>
    </Panel>
  );
}

function Part({ row }: { row: LatencyRow }) {
  return (
    <tr className={classes.part}>
      <th scope="row" className={classes.model}>
        <InertText>{row.model}</InertText>
        {row.measure === 'turnaround' ? <span className="small soft"> turnaround</span> : null}
      </th>
      <td colSpan={2} />
      {[row.p50, row.p95].map((ms, at) => (
        <td key={at === 0 ? 'p50' : 'p95'} data-numeric>
          {ms === null ? (
            <span className="soft" title="n too small">
              –
            </span>
          ) : (
            durationText(ms)
          )}
        </td>
      ))}
      <td data-numeric className="soft">
        {countText(row.n)}
      </td>
    </tr>
  );
}

/** Latency of each model, and what its batches took upstream. */
function partsOf(lane: Lane, latency: LatencyAnswer | undefined): LatencyRow[] {
  return (latency?.rows ?? []).filter(
    (row) => row.lane === lane && (row.measure === 'latency' || row.measure === 'turnaround'),
  );
}
