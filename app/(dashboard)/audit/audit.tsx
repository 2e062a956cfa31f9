'use client';

import { Button, TextInput } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useQueryStates } from 'nuqs';
import { auditQuery } from '@/app/_data/audit';
import { usePageRange } from '@/app/_data/page-range';
import { PageHead } from '@/app/_ui/page-head';
import { Panel } from '@/app/_ui/panel';
import { PickMenu } from '@/app/_ui/pick-menu';
import { Empty, QueryState } from '@/app/_ui/query-state';
import { ScrollRegion } from '@/app/_ui/scroll-region';
import { AUDITED } from '@/lib/core/audited';
import { ACTION_TEXT } from './action-text';
import classes from './audit.module.css';
import { AuditTable } from './audit-table';
import { auditParams } from './search-params';

const HEIGHT = 560;

/** Who changed what, newest first. */
export function Audit() {
  const range = usePageRange();
  const [filters, set] = useQueryStates(auditParams);
  const { action, actor, object } = filters;
  const query = useInfiniteQuery(auditQuery(range, filters));
  const isFiltered = action.length > 0 || actor.length > 0 || object !== '';
  const first = query.data?.pages[0];
  const counts = new Map<string, number>(first?.facets?.action.map(({ value, entries }) => [value, entries]));
  const byActor = new Map(first?.facets?.actor.map(({ value, entries }) => [value, entries]));
  const entries = query.data?.pages.flatMap((page) => page.entries) ?? [];
  return (
    <>
      <PageHead title="Audit" note="Every change that an operator made, with what was there before and after.">
        <TextInput
          size="xs"
          aria-label="Of, begins with"
          placeholder="Of: a key, a model, an operator…"
          maxLength={200}
          data-page-search
          value={object}
          onChange={(event) => void set({ object: event.currentTarget.value || null }, { throttleMs: 300 })}
        />
        <PickMenu
          name="Who"
          align="end"
          options={(first?.actors ?? []).map((value) => ({ value, count: byActor.get(value) ?? 0 }))}
          note="Changes in the range."
          value={actor}
          onChange={(picked) => void set({ actor: picked.length > 0 ? picked : null })}
        />
        <PickMenu
          name="Change"
          align="end"
          options={AUDITED.map((value) => ({ value, label: ACTION_TEXT[value], count: counts.get(value) ?? 0 }))}
          note="Changes in the range."
          value={action}
          onChange={(picked) => {
            const known = AUDITED.filter((one) => picked.includes(one));
            void set({ action: known.length > 0 ? known : null });
          }}
        />
      </PageHead>
      <Panel title="Changes" note="never deleted; secrets are in none of them">
        <QueryState what="The changes" query={query} height={HEIGHT}>
          {() =>
            entries.length > 0 ? (
              <ScrollRegion name="Changes, table">
                <AuditTable entries={entries} zone={range.tz} />
                <div className={classes.end} role="status">
                  {query.hasNextPage ? (
                    <Button
                      size="compact-sm"
                      variant="default"
                      loading={query.isFetchingNextPage}
                      onClick={() => void query.fetchNextPage()}
                    >
                      Older changes
                    </Button>
                  ) : (
                    'No older changes in this range.'
                  )}
                </div>
              </ScrollRegion>
            ) : (
              <Empty height={HEIGHT}>
                {isFiltered
                  ? 'No such change in this range. Widen the range or take filters away.'
                  : 'Nothing was changed in this range.'}
              </Empty>
            )
          }
        </QueryState>
      </Panel>
    </>
  );
}
