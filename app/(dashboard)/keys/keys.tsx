'use client';

import { Switch } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { keysQuery, restoreKey } from '@/app/_data/keys';
import { usePageRange } from '@/app/_data/page-range';
import { statusQuery } from '@/app/_data/status';
import { GuardedButton } from '@/app/_ui/guarded-button';
import { PageHead } from '@/app/_ui/page-head';
import { Panel } from '@/app/_ui/panel';
import { Empty, QueryState } from '@/app/_ui/query-state';
import { canWrite, VIEWER_REASON } from '@/app/_ui/roles';
import { toast } from '@/app/_ui/toast';
import { useOpenParam } from '@/app/_ui/use-open-param';
import { visibleText } from '@/app/_ui/visible-text';
import type { Key } from '@/lib/contract/keys';
import { KeyTable } from './key-table';

const CreateKeyDialog = dynamic(() => import('./create-key-dialog').then((m) => m.CreateKeyDialog), { ssr: false });
const RevokeKeyDialog = dynamic(() => import('./revoke-key-dialog').then((m) => m.RevokeKeyDialog), { ssr: false });

const HEIGHT = 240;

export function Keys() {
  const client = useQueryClient();
  const query = useQuery(keysQuery);
  const { data: status } = useQuery(statusQuery);
  const { tz } = usePageRange();
  const [isCreating, setCreating] = useOpenParam();
  const [revoking, setRevoking] = useState<Key | null>(null);
  const [withRevoked, setWithRevoked] = useState(false);
  const restore = useMutation({
    mutationFn: (key: Key) => restoreKey(key.id),
    onSuccess: (key) => toast(`Key “${visibleText(key.name)}” works again`),
    onError: (error) => toast(error.message),
    onSettled: () => client.invalidateQueries({ queryKey: keysQuery.queryKey }),
  });
  const reason = !status || canWrite(status.operator.role) ? null : VIEWER_REASON;

  return (
    <>
      <PageHead title="Keys" note="A key tells who calls, what they are tagged with and how long they can wait.">
        <Switch
          size="sm"
          label="Show revoked"
          checked={withRevoked}
          onChange={(event) => setWithRevoked(event.currentTarget.checked)}
        />
        <GuardedButton size="sm" reason={reason} onClick={() => setCreating(true)}>
          Create a key
        </GuardedButton>
      </PageHead>
      <Panel title="API keys" note="the whole key is shown once, when it is made">
        <QueryState what="The keys" query={query} height={HEIGHT}>
          {({ keys }) => {
            const shown = keys.filter(
              ({ revokedAt, restorableUntil }) => withRevoked || revokedAt === null || restorableUntil !== null,
            );
            if (shown.length === 0) return <Empty height={HEIGHT}>No keys. Callers need one: create it here.</Empty>;
            return (
              <KeyTable keys={shown} zone={tz} reason={reason} onRevoke={setRevoking} onRestore={restore.mutate} />
            );
          }}
        </QueryState>
      </Panel>
      {isCreating && reason === null ? <CreateKeyDialog onClose={() => setCreating(false)} /> : null}
      {revoking ? <RevokeKeyDialog of={revoking} onClose={() => setRevoking(null)} /> : null}
    </>
  );
}
