'use client';

import { useQuery } from '@tanstack/react-query';
import { runningQuery } from '@/app/_data/running';
import { durationText } from '@/app/_ui/amounts';
import { InertText } from '@/app/_ui/inert-text';
import { Panel } from '@/app/_ui/panel';
import { QueryState } from '@/app/_ui/query-state';
import classes from './settings.module.css';

/** What the process that answers was started with; another replica may have been started with something else. */
export function Configuration() {
  const query = useQuery(runningQuery);
  return (
    <Panel title="Configuration" note="of the process that answers; of secrets only whether they are set">
      <QueryState what="The configuration" query={query} height={560}>
        {({ settings, process }) => (
          <dl className={classes.facts}>
            {settings.map(({ name, value, secret }) => (
              <div key={name}>
                <dt className="mono">{name}</dt>
                <dd className={secret ? 'soft' : undefined}>
                  <InertText>{value}</InertText>
                </dd>
              </div>
            ))}
            <div>
              <dt>Process</dt>
              <dd>
                {process.pid}, Node {process.node}, up for {durationText(process.uptimeSeconds * 1_000)}
              </dd>
            </div>
          </dl>
        )}
      </QueryState>
    </Panel>
  );
}
