'use client';

import { Switch } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { usePageRange } from '@/app/_data/page-range';
import { policyDraftQuery, policyQuery, policyVersionQuery } from '@/app/_data/policy';
import { statusQuery } from '@/app/_data/status';
import { Ago } from '@/app/_ui/ago';
import { InertText } from '@/app/_ui/inert-text';
import { PageHead } from '@/app/_ui/page-head';
import { QueryState } from '@/app/_ui/query-state';
import { canWrite, VIEWER_REASON } from '@/app/_ui/roles';
import { openPause } from '@/app/_ui/shell/pause';
import type { PolicyAnswer } from '@/lib/contract/policy';

const Editor = dynamic(() => import('./editor').then((m) => m.Editor), { ssr: false });

const HEIGHT = 480;

/** The policy in force, and the draft of the next one. */
export function Policy() {
  const query = useQuery(policyQuery);
  const stored = useQuery(policyDraftQuery);
  const { data: status } = useQuery(statusQuery);
  const policy = query.data;
  // Once and for all: what is published later must not take the editor away with what was written in it.
  const [version, setVersion] = useState<number | null>(null);
  if (version === null && policy && stored.data) setVersion(stored.data.draft?.baseVersion ?? policy.version);
  const base = useQuery({ ...policyVersionQuery(version ?? 0), enabled: version !== null });

  return (
    <>
      <PageHead title="Policy" note={policy ? <InForce policy={policy} /> : 'Which call takes which lane.'}>
        {policy ? (
          <Switch
            size="sm"
            label="Everything to sync"
            checked={policy.paused}
            disabled={!status || !canWrite(status.operator.role)}
            aria-keyshortcuts="!"
            onChange={openPause}
          />
        ) : null}
      </PageHead>
      <QueryState what="The policy" query={query} height={HEIGHT}>
        {(current) => (
          <QueryState what="Your draft" query={stored} height={HEIGHT}>
            {({ draft }) => (
              <QueryState what="The version under the draft" query={base} height={HEIGHT}>
                {(first) => (
                  <Editor
                    policy={current}
                    first={first}
                    stored={draft}
                    reason={!status || canWrite(status.operator.role) ? null : VIEWER_REASON}
                  />
                )}
              </QueryState>
            )}
          </QueryState>
        )}
      </QueryState>
    </>
  );
}

function InForce({ policy: { version, publishedAt, author, note, paused } }: { policy: PolicyAnswer }) {
  const { tz } = usePageRange();
  return (
    <>
      Version {version} {paused ? 'is paused' : 'is in force'}
      {publishedAt === null ? (
        ', the one that Offpeak comes with'
      ) : (
        <>
          , published <Ago at={publishedAt} zone={tz} /> by <InertText>{author}</InertText>
          {note ? (
            <>
              : <InertText>{note}</InertText>
            </>
          ) : null}
        </>
      )}
    </>
  );
}
