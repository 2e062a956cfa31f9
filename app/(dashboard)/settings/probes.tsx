'use client';

import { useQuery } from '@tanstack/react-query';
import dynamic from 'next/dynamic';
import { usePageRange } from '@/app/_data/page-range';
import { probesQuery } from '@/app/_data/probes';
import { statusQuery } from '@/app/_data/status';
import { Ago } from '@/app/_ui/ago';
import { moneyText } from '@/app/_ui/amounts';
import { GuardedButton } from '@/app/_ui/guarded-button';
import { InertText } from '@/app/_ui/inert-text';
import { Panel } from '@/app/_ui/panel';
import { Empty, QueryState } from '@/app/_ui/query-state';
import { canWrite, VIEWER_REASON } from '@/app/_ui/roles';
import { useOpenParam } from '@/app/_ui/use-open-param';
import type { ProbesAnswer } from '@/lib/contract/probes';
import { ProbeTable } from './probe-table';
import classes from './settings.module.css';

const ProbesDialog = dynamic(() => import('./probes-dialog').then((module) => module.ProbesDialog), { ssr: false });

const HEIGHT = 96;

export function Probes() {
  const { data: status } = useQuery(statusQuery);
  const query = useQuery(probesQuery);
  const { tz } = usePageRange();
  const [isEditing, setEditing] = useOpenParam('probes');
  const reason = !status || canWrite(status.operator.role) ? null : VIEWER_REASON;
  return (
    <Panel
      title="Probes"
      note="keep turnaround and sync latency measured where there is no traffic"
      actions={
        <GuardedButton size="compact-sm" variant="default" reason={reason} onClick={() => setEditing(true)}>
          Change probes
        </GuardedButton>
      }
    >
      <QueryState what="The probes" query={query} height={HEIGHT}>
        {(probes) => (
          <>
            <Summary probes={probes} zone={tz} />
            {probes.models.length > 0 ? (
              <ProbeTable probes={probes.probes} zone={tz} />
            ) : (
              <Empty height={HEIGHT}>
                No model is probed. A probe is one request of 16 tokens in a batch of its own, and the same by sync.
              </Empty>
            )}
          </>
        )}
      </QueryState>
      {isEditing && reason === null && query.data ? (
        <ProbesDialog of={query.data} onClose={() => setEditing(false)} />
      ) : null}
    </Panel>
  );
}

function Summary({ probes, zone }: { probes: ProbesAnswer; zone: string }) {
  const { enabled, interval, dailyCapUsd, spentTodayUsd, heldTodayUsd, author, updatedAt } = probes;
  const spent = `${moneyText(spentTodayUsd)} of ${moneyText(dailyCapUsd)} spent today (UTC)`;
  if (!enabled && author === null) return <p className={classes.summary}>Off.</p>;
  const held = Number(heldTodayUsd) > 0 ? `, at most ${moneyText(heldTodayUsd)} under way` : '';
  return (
    <p className={classes.summary}>
      {enabled ? `On: a model that had no batch for ${interval} is probed. ${spent}${held}.` : `Off. ${spent}${held}.`}
      {author !== null && updatedAt !== null ? (
        <span className="soft">
          {' '}
          Set by <InertText>{author}</InertText> <Ago at={updatedAt} zone={zone} />.
        </span>
      ) : null}
    </p>
  );
}
