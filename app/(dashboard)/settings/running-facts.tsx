import type { ReactNode } from 'react';
import { bytesText, countText } from '@/app/_ui/amounts';
import { CopyId } from '@/app/_ui/copy-button';
import { Mark } from '@/app/_ui/marks';
import type { Status } from '@/lib/contract/status';
import classes from './settings.module.css';

export function RunningFacts({ status }: { status: Status }) {
  const { upstream, spool } = status;
  const facts: readonly (readonly [string, ReactNode])[] = [
    ['Version', status.version],
    ['Origin', <CopyId key="origin" id={status.origin} what="origin" />],
    [
      'Upstream',
      upstream.simulated
        ? `simulated${upstream.timeScale === 1 ? '' : `, time ${upstream.timeScale}×`}`
        : upstream.origin,
    ],
    [
      'Database',
      status.database === 'up' ? (
        <Mark key="database" tone="saved">
          up
        </Mark>
      ) : (
        <Mark key="database" tone="error">
          down
        </Mark>
      ),
    ],
    ['Callers with their own credential', status.passthrough ? 'passed through' : 'refused'],
    ['Bodies', status.logBodies ? 'stored, for keys and calls that allow it' : 'not stored'],
    [
      'Log spool',
      `${countText(spool.pending)} records wait, ${bytesText(spool.bytes)} of ${bytesText(spool.capBytes)}; ${countText(spool.dropped)} lost`,
    ],
  ];
  return (
    <dl className={classes.facts}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
