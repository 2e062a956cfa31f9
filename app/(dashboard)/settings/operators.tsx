'use client';

import { useQuery } from '@tanstack/react-query';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { operatorsQuery } from '@/app/_data/operators';
import { usePageRange } from '@/app/_data/page-range';
import { statusQuery } from '@/app/_data/status';
import { GuardedButton } from '@/app/_ui/guarded-button';
import { Panel } from '@/app/_ui/panel';
import { Empty, QueryState } from '@/app/_ui/query-state';
import { ADMIN_REASON, canAdminister } from '@/app/_ui/roles';
import { useOpenParam } from '@/app/_ui/use-open-param';
import type { Operator } from '@/lib/contract/operators';
import { OperatorTable } from './operator-table';

const CreateOperatorDialog = dynamic(
  () => import('./create-operator-dialog').then((module) => module.CreateOperatorDialog),
  { ssr: false },
);
const DeleteOperatorDialog = dynamic(
  () => import('./delete-operator-dialog').then((module) => module.DeleteOperatorDialog),
  { ssr: false },
);

const HEIGHT = 160;

export function Operators() {
  const { data: status } = useQuery(statusQuery);
  const isAdmin = canAdminister(status?.operator.role);
  const query = useQuery({ ...operatorsQuery, enabled: isAdmin });
  const { tz } = usePageRange();
  const [isCreating, setCreating] = useOpenParam();
  const [deleting, setDeleting] = useState<Operator | null>(null);
  const reason = !status || isAdmin ? null : ADMIN_REASON;

  return (
    <Panel
      title="Operators"
      note="viewers read; operators change keys and prices; admins change operators too"
      actions={
        <GuardedButton size="compact-sm" reason={reason} onClick={() => setCreating(true)}>
          Add an operator
        </GuardedButton>
      }
    >
      {status && !isAdmin ? (
        <Empty height={HEIGHT}>Only an admin sees who else may log in.</Empty>
      ) : (
        <QueryState what="The operators" query={query} height={HEIGHT}>
          {({ operators }) => <OperatorTable operators={operators} zone={tz} onDelete={setDeleting} />}
        </QueryState>
      )}
      {isCreating && isAdmin ? <CreateOperatorDialog onClose={() => setCreating(false)} /> : null}
      {deleting ? <DeleteOperatorDialog of={deleting} onClose={() => setDeleting(null)} /> : null}
    </Panel>
  );
}
