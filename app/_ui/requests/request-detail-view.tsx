'use client';

import { useQuery } from '@tanstack/react-query';
import { usePageRange } from '@/app/_data/page-range';
import { requestQuery } from '@/app/_data/requests';
import { durationText } from '@/app/_ui/amounts';
import { CopyId } from '@/app/_ui/copy-button';
import { InertText } from '@/app/_ui/inert-text';
import { LaneMark, StateMark } from '@/app/_ui/marks';
import { QueryState } from '@/app/_ui/query-state';
import type { RequestDetail } from '@/lib/contract/requests';
import { AttemptTable } from './attempt-table';
import { BodyView } from './body-view';
import { costText } from './cost-text';
import { CallerFacts, DecisionFacts, TimeFacts } from './detail-facts';
import classes from './request-detail-view.module.css';
import { Timeline } from './timeline';
import { UsageView } from './usage-view';

/** Everything that is known of one request. */
export function RequestDetailView({ id }: { id: string }) {
  const query = useQuery(requestQuery(id));
  const { tz } = usePageRange();
  return (
    <QueryState what="The request" query={query} height={480}>
      {(detail) => <Detail detail={detail} zone={tz} />}
    </QueryState>
  );
}

function Detail({ detail, zone }: { detail: RequestDetail; zone: string }) {
  const { request } = detail;
  return (
    <article className={classes.detail}>
      <header>
        <CopyId id={request.id} what="request id" />
        <dl className={classes.headline}>
          <div>
            <dt>State</dt>
            <dd>
              <StateMark state={request.state} />
            </dd>
          </div>
          <div>
            <dt>Model</dt>
            <dd>{request.model === null ? '–' : <InertText>{request.model}</InertText>}</dd>
          </div>
          <div>
            <dt>Lane</dt>
            <dd>
              <LaneMark lane={request.lane} />
            </dd>
          </div>
          <div>
            <dt>Latency</dt>
            <dd>{request.latencyMs === null ? '–' : durationText(request.latencyMs)}</dd>
          </div>
          <div>
            <dt>Cost</dt>
            <dd>{costText(request)}</dd>
          </div>
        </dl>
        {request.errorType === null ? null : (
          <p className={classes.error}>
            {request.httpStatus === null ? '' : `${request.httpStatus} `}
            <InertText>{request.errorType}</InertText>
          </p>
        )}
        {request.simulated ? (
          <p className="small soft">Served by the simulated upstream: its cost is not real.</p>
        ) : null}
      </header>
      <Timeline detail={detail} zone={zone} />
      <DecisionFacts detail={detail} />
      <TimeFacts detail={detail} zone={zone} />
      <section>
        <h2>Attempts</h2>
        <AttemptTable detail={detail} />
      </section>
      <section>
        <h2>Usage</h2>
        <UsageView usage={request.usage} />
      </section>
      <CallerFacts detail={detail} />
      <section>
        <h2>Bodies</h2>
        <BodyView bodies={detail.bodies} />
      </section>
    </article>
  );
}
