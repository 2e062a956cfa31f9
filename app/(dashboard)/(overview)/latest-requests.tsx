'use client';

import { useQuery } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { type PageRange, refreshEvery } from '@/app/_data/page-range';
import { latestRequestsQuery } from '@/app/_data/requests';
import { Ago } from '@/app/_ui/ago';
import { durationText } from '@/app/_ui/amounts';
import { InertText } from '@/app/_ui/inert-text';
import { LaneMark, StateMark } from '@/app/_ui/marks';
import { Panel } from '@/app/_ui/panel';
import { Empty, QueryState } from '@/app/_ui/query-state';
import { costText } from '@/app/_ui/requests/cost-text';
import { onRequestLink, openRequest } from '@/app/_ui/requests/open-request';
import { useAsTrail } from '@/app/_ui/requests/trail';
import type { RequestRow } from '@/lib/contract/requests';
import classes from './latest-requests.module.css';

const HEIGHT = 480;
const EVERY_MS = 3_000;
const NO_ROWS: readonly RequestRow[] = [];

/** The newest calls as they come in; any row opens. */
export function LatestRequests({ range }: { range: PageRange }) {
  const query = useQuery({ ...latestRequestsQuery(range.filters), refetchInterval: refreshEvery(range, EVERY_MS) });
  const rows = query.data?.rows ?? NO_ROWS;
  const ids = useMemo(() => rows.map(({ id }) => id), [rows]);
  const reveal = useCallback((id: string) => {
    document.querySelector<HTMLElement>(`[data-request="${CSS.escape(id)}"]`)?.focus();
  }, []);
  useAsTrail(ids, reveal);
  return (
    <Panel title="Latest requests" note={range.refresh > 0 ? 'of the last 24 hours, live' : 'of the last 24 hours'}>
      <QueryState what="Latest requests" query={query} height={HEIGHT}>
        {(answer) =>
          answer.rows.length === 0 ? (
            <Empty height={HEIGHT}>No such call in the last 24 hours.</Empty>
          ) : (
            <div className={classes.scroll} style={{ minHeight: HEIGHT }}>
              <table className="rows">
                <thead>
                  <tr>
                    <th scope="col">Arrived</th>
                    <th scope="col">Model</th>
                    <th scope="col">State</th>
                    <th scope="col">Lane</th>
                    <th scope="col">Key</th>
                    <th scope="col" data-numeric>
                      Latency
                    </th>
                    <th scope="col" data-numeric>
                      Cost
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {answer.rows.map((row) => (
                    <Row key={row.id} row={row} zone={range.tz} />
                  ))}
                </tbody>
              </table>
            </div>
          )
        }
      </QueryState>
    </Panel>
  );
}

function Row({ row, zone }: { row: RequestRow; zone: string }) {
  return (
    // The link in the first cell is the keyboard's way in; the whole row only enlarges it for the pointer.
    <tr className={classes.row} onClick={() => openRequest(row.id)}>
      <td className={classes.when}>
        <a href={`/requests/${row.id}`} data-request={row.id} onClick={onRequestLink(row.id)}>
          <Ago at={row.arrivedAt} zone={zone} />
          <span className="visually-hidden">, open request {row.id}</span>
        </a>
      </td>
      <td>{row.model === null ? '–' : <InertText>{row.model}</InertText>}</td>
      <td>
        <StateMark state={row.state} />
      </td>
      <td>
        <LaneMark lane={row.lane} />
      </td>
      <td>{row.key === null ? '–' : <InertText>{row.key}</InertText>}</td>
      <td data-numeric>{row.latencyMs === null ? '–' : durationText(row.latencyMs)}</td>
      <td data-numeric>{costText(row)}</td>
    </tr>
  );
}
