'use client';

import { Button } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { signOut } from '@/app/_data/session';
import { statusQuery } from '@/app/_data/status';
import { PageHead } from '@/app/_ui/page-head';
import { Panel } from '@/app/_ui/panel';
import { QueryState } from '@/app/_ui/query-state';
import { ThemeControl } from '@/app/_ui/shell/theme-control';
import { Configuration } from './configuration';
import { Operators } from './operators';
import { Probes } from './probes';
import { RunningFacts } from './running-facts';
import classes from './settings.module.css';

export function Settings() {
  const query = useQuery(statusQuery);
  const leave = useMutation({ mutationFn: signOut });
  return (
    <>
      <PageHead title="Settings" note="What runs here, and who may look at it and change it." />
      <div className={classes.stack}>
        <Panel title="This Offpeak" note="set by its environment when it starts">
          <QueryState what="The running facts" query={query} height={226}>
            {(status) => <RunningFacts status={status} />}
          </QueryState>
        </Panel>
        <Configuration />
        <Panel title="You, in this browser">
          <div className={classes.row}>
            <span>Theme</span>
            <ThemeControl name="theme-settings" />
            <Button size="compact-sm" variant="default" loading={leave.isPending} onClick={() => leave.mutate()}>
              Log out
            </Button>
          </div>
        </Panel>
        <Probes />
        <Operators />
      </div>
    </>
  );
}
