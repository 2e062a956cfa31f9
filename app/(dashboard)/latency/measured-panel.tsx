'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { waitingValueQuery } from '@/app/_data/turnaround';
import { Ago } from '@/app/_ui/ago';
import { countText, moneyText, shareText } from '@/app/_ui/amounts';
import { Swatch } from '@/app/_ui/charts/swatch';
import { download } from '@/app/_ui/download';
import { IconButton } from '@/app/_ui/icon-button';
import { InertText } from '@/app/_ui/inert-text';
import { Panel } from '@/app/_ui/panel';
import { Empty, QueryState } from '@/app/_ui/query-state';
import { ScrollRegion } from '@/app/_ui/scroll-region';
import { usePageHref } from '@/app/_ui/shell/use-page-href';
import type { WaitingValue } from '@/lib/contract/turnaround-metrics';
import { subjectOf } from '@/lib/core/series/chart-model';
import { csvOf } from '@/lib/core/series/csv';
import { roundDurationText, roundSpanText } from '@/lib/core/series/duration-axis';
import classes from './latency.module.css';
import type { LatencyScope } from './scope';

const TITLE = 'What was measured';
const HEIGHT = 160;
const COLUMNS = ['Sync p50', 'n', 'Batch p50', 'n', 'Escalated', 'Saved / request', 'Turnaround p50', '95 %', 'n'];

/** Everything that the ranking rests on, with how much and how old it is. */
export function MeasuredPanel({ range, models }: LatencyScope) {
  const query = useQuery(waitingValueQuery(range, models));
  return (
    <Panel
      title={TITLE}
      note="latencies as callers saw them, turnaround by upstream’s clock; medians from n = 5"
      actions={
        <IconButton
          icon="download"
          label={`${TITLE}: download CSV`}
          disabled={!query.data}
          onClick={() => query.data && download('offpeak-waiting-value.csv', csvOf(tableOf(query.data.rows)))}
        />
      }
    >
      <QueryState what={TITLE} query={query} height={HEIGHT}>
        {({ rows }) =>
          rows.length === 0 ? (
            <Empty height={HEIGHT}>No call in this range.</Empty>
          ) : (
            <ScrollRegion name={`${TITLE}, table`}>
              <table className={`rows ${classes.table}`}>
                <thead>
                  <tr>
                    <th scope="col">Model</th>
                    <th scope="col" title="List price per million tokens, input and output">
                      $/M in, out
                    </th>
                    {COLUMNS.map((name, i) => (
                      // biome-ignore lint/suspicious/noArrayIndexKey: three of them are called n
                      <th key={i} scope="col" data-numeric>
                        {name}
                      </th>
                    ))}
                    <th scope="col">Newest</th>
                  </tr>
                </thead>
                <tbody>
                  {rows.map((row) => (
                    <MeasuredRow key={row.model} row={row} zone={range.tz} />
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

function MeasuredRow({ row, zone }: { row: WaitingValue; zone: string }) {
  const href = usePageHref();
  const { model, price, sync, batch, batched, escalated, savedPerRequestUsd, turnaround } = row;
  const { low, high, newestEndedAt, pending } = turnaround;
  return (
    <tr>
      <th scope="row">
        <span className={classes.model}>
          <Swatch of={{ subject: subjectOf(model), weight: 'strong' }} kind="bars" />
          <Link href={href(`/batches?model=${encodeURIComponent(model)}`)} title="Its batches in this range">
            <InertText>{model.replace(/^claude-/, '')}</InertText>
          </Link>
        </span>
      </th>
      <td className="soft">{price ? `${price.inputUsd}, ${price.outputUsd}` : 'unpriced'}</td>
      <Duration ms={sync.p50} />
      <Count n={sync.n} />
      <Duration ms={batch.p50} />
      <Count n={batch.n} />
      <td data-numeric>{batched > 0 ? shareText(escalated / batched) : '–'}</td>
      <td data-numeric className={Number(savedPerRequestUsd) < 0 ? classes.waste : undefined}>
        {savedPerRequestUsd === null ? '–' : moneyText(savedPerRequestUsd)}
      </td>
      <Duration ms={turnaround.p50} />
      <td data-numeric className="soft">
        {low === null ? '–' : high === null ? `${roundDurationText(low)} – ?` : roundSpanText(low, high)}
      </td>
      <td data-numeric className="soft" title={pending > 0 ? `${countText(pending)} still running` : undefined}>
        {countText(turnaround.n)}
        {pending > 0 ? ` + ${countText(pending)}` : ''}
      </td>
      <td>{newestEndedAt === null ? <span className="soft">–</span> : <Ago at={newestEndedAt} zone={zone} />}</td>
    </tr>
  );
}

function Duration({ ms }: { ms: number | null }) {
  return (
    <td data-numeric>
      {ms === null ? (
        <span className="soft" title="n too small">
          –
        </span>
      ) : (
        roundDurationText(ms)
      )}
    </td>
  );
}

function Count({ n }: { n: number }) {
  return (
    <td data-numeric className="soft">
      {countText(n)}
    </td>
  );
}

function tableOf(rows: readonly WaitingValue[]) {
  return {
    head: [
      'model',
      'list input (USD/M)',
      'list output (USD/M)',
      'sync p50 (ms)',
      'sync n',
      'batch p50 (ms)',
      'batch n',
      'sent to batch',
      'escalated',
      'saved (USD)',
      'saved per request (USD)',
      'extra wait (ms)',
      'saved per minute (USD)',
      'turnaround p50 (ms)',
      'turnaround 95 % low (ms)',
      'turnaround 95 % high (ms)',
      'batches',
      'batches running',
      'newest batch ended',
    ],
    rows: rows.map((row) =>
      [
        row.model,
        row.price?.inputUsd,
        row.price?.outputUsd,
        row.sync.p50,
        row.sync.n,
        row.batch.p50,
        row.batch.n,
        row.batched,
        row.escalated,
        row.savedUsd,
        row.savedPerRequestUsd,
        row.extraMs,
        row.savedPerMinuteUsd,
        row.turnaround.p50,
        row.turnaround.low,
        row.turnaround.high,
        row.turnaround.n,
        row.turnaround.pending,
        row.turnaround.newestEndedAt,
      ].map((value) => String(value ?? '')),
    ),
  };
}
