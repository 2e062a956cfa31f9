'use client';

import { useQuery } from '@tanstack/react-query';
import { latencyQuery, summaryQuery } from '@/app/_data/metrics';
import type { PageRange } from '@/app/_data/page-range';
import { countText, durationText, moneyText } from '@/app/_ui/amounts';
import { LANES_HEIGHT } from '@/app/_ui/charts/chart-window';
import { InertText } from '@/app/_ui/inert-text';
import { LaneMark } from '@/app/_ui/marks';
import { Panel } from '@/app/_ui/panel';
import { QueryState } from '@/app/_ui/query-state';
import { ScrollRegion } from '@/app/_ui/scroll-region';
import type { LatencyAnswer, Summary } from '@/lib/contract/metrics';
import type { Lane } from '@/lib/core/request-states';
import { roundDurationText } from '@/lib/core/series/duration-axis';
import classes from './lanes.module.css';

const NOTE = 'latency as callers saw it; turnaround is upstream’s, n counts batches';
const BY_KEY = 'sums of the picked keys; latency and turnaround of all of them';

type LatencyRow = LatencyAnswer['rows'][number];

/** Sync against batch: how much went each way, what it cost, and how long its callers waited. */
export function LanePanel({ range }: { range: PageRange }) {
  const query = useQuery(summaryQuery(range));
  const { data: latency } = useQuery(latencyQuery(range, range.filters.model));
  return (
    <Panel title="Sync and batch" note={range.filters.key.length > 0 ? BY_KEY : NOTE}>
      <QueryState what="Sync and batch" query={query} height={LANES_HEIGHT}>
        {({ byLane }) => (
          <div className={classes.box} style={{ height: LANES_HEIGHT }}>
            <p className={classes.sums}>
              <LaneSums lane="sync" byLane={byLane} />
              <LaneSums lane="batch" byLane={byLane} />
            </p>
            <ScrollRegion name="Sync and batch, table">
              <table className={`rows ${classes.lanes}`}>
                <thead>
                  <tr>
                    <td />
                    <LaneHead lane="sync" columns={3} />
                    <LaneHead lane="batch" columns={5} />
                  </tr>
                  <tr>
                    <th scope="col">Model</th>
                    {COLUMNS.map(([id, name]) => (
                      <th key={id} scope="col" data-numeric data-first={id.endsWith('p50') || undefined}>
                        {name}
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {byModel(latency).map(([model, rows]) => (
                    <ModelRow key={model} model={model} rows={rows} />
                  ))}
                </tbody>
              </table>
            </ScrollRegion>
          </div>
        )}
      </QueryState>
    </Panel>
  );
}

const COLUMNS = [
  ['sync p50', 'p50'],
  ['sync p95', 'p95'],
  ['sync n', 'n'],
  ['batch p50', 'p50'],
  ['batch p95', 'p95'],
  ['batch n', 'n'],
  ['turnaround p50', 'turnaround'],
  ['turnaround n', 'n'],
] as const;

function LaneSums({ lane, byLane }: { lane: Lane; byLane: Summary['byLane'] }) {
  const sums = byLane.find((one) => one.lane === lane);
  const requests = sums?.requests ?? 0;
  return (
    <span>
      <LaneMark lane={lane} /> {countText(requests)} {requests === 1 ? 'request' : 'requests'},{' '}
      {moneyText(sums?.costUsd ?? '0')}, saved {moneyText(sums?.savedUsd ?? '0')}
    </span>
  );
}

function LaneHead({ lane, columns }: { lane: Lane; columns: number }) {
  return (
    <th scope="colgroup" colSpan={columns} data-first>
      {lane}
    </th>
  );
}

function ModelRow({ model, rows }: { model: string; rows: readonly LatencyRow[] }) {
  const sync = rows.find(({ lane, measure }) => lane === 'sync' && measure === 'latency');
  const batch = rows.find(({ lane, measure }) => lane === 'batch' && measure === 'latency');
  const turnaround = rows.find(({ measure }) => measure === 'turnaround');
  return (
    <tr>
      <th scope="row" className={classes.model}>
        <InertText>{model.replace(/^claude-/, '')}</InertText>
      </th>
      <Duration ms={sync?.p50} isFirst />
      <Duration ms={sync?.p95} />
      <Count n={sync?.n} />
      <Duration ms={batch?.p50} isFirst />
      <Duration ms={batch?.p95} />
      <Count n={batch?.n} />
      <Duration ms={turnaround?.p50} isFirst />
      <Count n={turnaround?.n} />
    </tr>
  );
}

function Duration({ ms, isFirst = false }: { ms: number | null | undefined; isFirst?: boolean }) {
  return (
    <td data-numeric data-first={isFirst || undefined}>
      {ms === null || ms === undefined ? (
        <span className="soft" title="n too small">
          –
        </span>
      ) : (
        <span title={durationText(ms)}>{roundDurationText(ms)}</span>
      )}
    </td>
  );
}

function Count({ n = 0 }: { n: number | undefined }) {
  return (
    <td data-numeric className="soft">
      {countText(n)}
    </td>
  );
}

/** What was measured of each model, the most called one first. */
function byModel(latency: LatencyAnswer | undefined): [model: string, rows: LatencyRow[]][] {
  const models = new Map<string, LatencyRow[]>();
  for (const row of latency?.rows ?? []) models.set(row.model, [...(models.get(row.model) ?? []), row]);
  const calls = (rows: readonly LatencyRow[]) =>
    rows.reduce((sum, { measure, n }) => sum + (measure === 'latency' ? n : 0), 0);
  return [...models].sort(([a, left], [b, right]) => calls(right) - calls(left) || (a < b ? -1 : 1));
}
