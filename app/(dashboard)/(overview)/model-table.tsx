'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { summaryQuery } from '@/app/_data/metrics';
import type { PageRange } from '@/app/_data/page-range';
import { countText, durationText, moneyText, shareText } from '@/app/_ui/amounts';
import { CHART_HEIGHT } from '@/app/_ui/charts/chart-window';
import { Swatch } from '@/app/_ui/charts/swatch';
import { download } from '@/app/_ui/download';
import { IconButton } from '@/app/_ui/icon-button';
import { InertText } from '@/app/_ui/inert-text';
import { Panel } from '@/app/_ui/panel';
import { Empty, QueryState } from '@/app/_ui/query-state';
import { ScrollRegion } from '@/app/_ui/scroll-region';
import { usePageHref } from '@/app/_ui/shell/use-page-href';
import type { Summary } from '@/lib/contract/metrics';
import { subjectOf } from '@/lib/core/series/chart-model';
import { csvOf } from '@/lib/core/series/csv';
import classes from './model-table.module.css';

const TITLE = 'Models';
const BY_KEY = 'latency is not told apart by key';

export function ModelTable({ range }: { range: PageRange }) {
  const query = useQuery(summaryQuery(range));
  const href = usePageHref();
  return (
    <Panel
      title={TITLE}
      note={range.filters.key.length > 0 ? BY_KEY : 'p50 from n = 5, p95 from n = 20 successes'}
      actions={
        <IconButton
          icon="download"
          label={`${TITLE}: download CSV`}
          disabled={!query.data}
          onClick={() => query.data && download('offpeak-models.csv', csvOf(tableOf(query.data)))}
        />
      }
    >
      <QueryState what={TITLE} query={query} height={CHART_HEIGHT}>
        {({ byModel }) =>
          byModel.length === 0 ? (
            <Empty height={CHART_HEIGHT}>No call in this range.</Empty>
          ) : (
            <ScrollRegion name="Models, table" height={CHART_HEIGHT}>
              <table className={`rows ${classes.table}`}>
                <thead>
                  <tr>
                    <th scope="col">Model</th>
                    {['Requests', 'Errors', 'Spend', 'p50', 'p95', 'n'].map((name) => (
                      <th key={name} scope="col" data-numeric>
                        {name}
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {byModel.map((row) => (
                    <Row key={row.model} row={row} href={href(`/requests?model=${encodeURIComponent(row.model)}`)} />
                  ))}
                </tbody>
              </table>
            </ScrollRegion>
          )
        }
      </QueryState>
    </Panel>
  );
}

function Row({ row, href }: { row: Summary['byModel'][number]; href: string }) {
  const subject = subjectOf(row.model);
  const isUnpriced = row.unpriced > 0;
  return (
    <tr>
      <th scope="row">
        <span className={classes.model}>
          <Swatch of={{ subject, weight: 'strong' }} kind="bars" />
          {subject.kind === 'model' ? (
            <Link href={href} title="Its requests in this range">
              <InertText>{row.model}</InertText>
            </Link>
          ) : (
            row.model
          )}
        </span>
      </th>
      <td data-numeric>{countText(row.requests)}</td>
      <td data-numeric className={row.errors > 0 ? classes.error : undefined}>
        {countText(row.errors)}
        {row.errors > 0 ? <span className="small"> ({shareText(row.errors / row.requests)})</span> : null}
      </td>
      <td data-numeric className={isUnpriced ? classes.unpriced : undefined}>
        {isUnpriced && Number(row.costUsd) === 0 ? 'unpriced' : moneyText(row.costUsd)}
        {isUnpriced && Number(row.costUsd) !== 0 ? ` + ${countText(row.unpriced)} unpriced` : null}
      </td>
      <td data-numeric>{percentile(row.p50)}</td>
      <td data-numeric>{percentile(row.p95)}</td>
      <td data-numeric className="soft">
        {countText(row.n)}
      </td>
    </tr>
  );
}

function percentile(ms: number | null) {
  return ms === null ? (
    <span className="soft" title="n too small">
      –
    </span>
  ) : (
    durationText(ms)
  );
}

function tableOf({ byModel }: Summary) {
  return {
    head: ['model', 'requests', 'errors', 'cost (USD)', 'saved (USD)', 'unpriced', 'p50 (ms)', 'p95 (ms)', 'n'],
    rows: byModel.map((row) =>
      [
        row.model,
        row.requests,
        row.errors,
        row.costUsd,
        row.savedUsd,
        row.unpriced,
        row.p50 ?? '',
        row.p95 ?? '',
        row.n,
      ].map(String),
    ),
  };
}
