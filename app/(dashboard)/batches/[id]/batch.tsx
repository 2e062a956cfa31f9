'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { batchQuery } from '@/app/_data/batches';
import { usePageRange } from '@/app/_data/page-range';
import { bytesText, countText, durationText, moneyText } from '@/app/_ui/amounts';
import { CopyId } from '@/app/_ui/copy-button';
import { Countdown } from '@/app/_ui/countdown';
import { InertText } from '@/app/_ui/inert-text';
import { BatchStateMark } from '@/app/_ui/marks';
import { Panel } from '@/app/_ui/panel';
import { QueryState } from '@/app/_ui/query-state';
import { usePageHref } from '@/app/_ui/shell/use-page-href';
import { StageTable } from '@/app/_ui/stage-table';
import type { BatchDetail, BatchRow } from '@/lib/contract/batches';
import classes from './batch.module.css';
import { batchStages } from './batch-stages';
import { ItemTable } from './item-table';

export function BatchPageView({ id }: { id: string }) {
  const query = useQuery(batchQuery(id));
  const href = usePageHref();
  const { tz } = usePageRange();
  return (
    <div className={classes.page}>
      <p className="small">
        <Link href={href('/batches')}>Batches</Link>
      </p>
      <h1>Batch</h1>
      <QueryState what="The batch" query={query} height={640}>
        {(detail) => <Detail detail={detail} zone={tz} />}
      </QueryState>
    </div>
  );
}

function Detail({ detail, zone }: { detail: BatchDetail; zone: string }) {
  const { batch } = detail;
  const { start, stages, end } = batchStages(batch);
  return (
    <article className={classes.stack}>
      <header>
        <div className={classes.ids}>
          {batch.msgbatchId === null ? null : <CopyId id={batch.msgbatchId} what="upstream’s batch id" />}
          <CopyId id={batch.id} what="batch id" />
        </div>
        <dl className={classes.headline}>
          {headline(batch).map(([name, value, tone]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd data-tone={tone}>{value}</dd>
            </div>
          ))}
        </dl>
        {batch.error === null ? null : (
          <p className={classes.error}>
            <InertText>{batch.error}</InertText>
          </p>
        )}
      </header>
      <div className={classes.pair}>
        <Panel title="Timeline">
          <StageTable label="Timeline" zone={zone} start={start} stages={stages} end={end} />
          {batch.earliestDeadlineAt === null ? null : (
            <p className={`small soft ${classes.below}`}>
              Earliest deadline of its items in <Countdown at={batch.earliestDeadlineAt} zone={zone} />.
            </p>
          )}
        </Panel>
        <Panel title="Counts">
          <Facts facts={counts(batch)} />
        </Panel>
      </div>
      <Panel
        title="Items"
        note={
          detail.itemCount > detail.items.length
            ? `the first ${countText(detail.items.length)} of ${countText(detail.itemCount)}, by arrival`
            : 'by arrival'
        }
      >
        <ItemTable items={detail.items} zone={zone} />
      </Panel>
    </article>
  );
}

type Tone = 'saved' | 'waste' | undefined;

function headline(batch: BatchRow): [name: string, value: ReactNode, tone?: Tone][] {
  const money = (usd: string | null) => (usd === null ? '–' : moneyText(usd));
  const saved = Number(batch.savedUsd ?? 0);
  return [
    ['State', <BatchStateMark key="state" state={batch.state} />],
    ['Model', <InertText key="model">{batch.model}</InertText>],
    ['Items', countText(batch.items)],
    ['Turnaround', batch.turnaroundMs === null ? '–' : durationText(batch.turnaroundMs)],
    ['Cost', money(batch.costUsd)],
    ['All sync', money(batch.syncCostUsd)],
    ['Saved', money(batch.savedUsd), saved > 0 ? 'saved' : saved < 0 ? 'waste' : undefined],
  ];
}

function counts(batch: BatchRow): [name: string, value: ReactNode][] {
  const upstream = Object.entries(batch.counts ?? {})
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${countText(count)} ${name}`);
  const waste = Number(batch.wasteUsd ?? 0);
  return [
    ['Waiting', countText(batch.waiting)],
    ['Delivered', countText(batch.delivered)],
    ['Escalated to sync', countText(batch.escalated)],
    ['Came late', `${countText(batch.late)}${waste > 0 ? `, waste ${moneyText(waste)}` : ''}`],
    ['Unpriced', countText(batch.unpriced)],
    ['Upstream counted', upstream.length > 0 ? upstream.join(', ') : '–'],
    ['Answers', batch.sizeClass],
    ['Size', bytesText(batch.bytes)],
    ['Credential', <InertText key="credential">{batch.credential}</InertText>],
  ];
}

function Facts({ facts }: { facts: readonly [name: string, value: ReactNode][] }) {
  return (
    <dl className={classes.facts}>
      {facts.map(([name, value]) => (
        <div key={name} style={{ display: 'contents' }}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
