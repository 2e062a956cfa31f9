'use client';

import { NativeSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useQueryStates } from 'nuqs';
import { useMemo, useState } from 'react';
import { usePageRange } from '@/app/_data/page-range';
import { policyVersionsQuery } from '@/app/_data/policy';
import { Panel } from '@/app/_ui/panel';
import { QueryState } from '@/app/_ui/query-state';
import { useEditor } from '@/app/(dashboard)/policy/editor-context';
import { DiffView } from '@/app/(dashboard)/policy/review/diff-view';
import { JsonDiff } from '@/app/(dashboard)/policy/review/json-diff';
import { policyParams } from '@/app/(dashboard)/policy/search-params';
import type { DraftEditor } from '@/app/(dashboard)/policy/use-draft';
import type { PolicyAnswer, PolicyVersion } from '@/lib/contract/policy';
import { diffPolicies } from '@/lib/core/policy-draft/diff';
import { RestoreDialog } from './restore-dialog';
import { VersionTable } from './version-table';
import classes from './versions.module.css';

const HEIGHT = 320;

/** Who published what, when and why; any two side by side; every one of them may come back. */
export function Versions({ policy, editor }: { policy: PolicyAnswer; editor: DraftEditor }) {
  const query = useQuery(policyVersionsQuery);
  const { tz } = usePageRange();
  const { reason } = useEditor();
  const [{ a, b }, setParams] = useQueryStates(policyParams);
  const [restoring, setRestoring] = useState<PolicyVersion | null>(null);
  return (
    <QueryState what="The versions" query={query} height={HEIGHT}>
      {({ versions }) => {
        const after = versions.find(({ version }) => version === b) ?? versions[0];
        const before =
          versions.find(({ version }) => version === a) ??
          versions[versions.indexOf(after as PolicyVersion) + 1] ??
          after;
        return (
          <div className={classes.panels}>
            <Panel title="Versions" note="newest first; restoring one publishes it anew">
              <VersionTable
                versions={versions}
                current={policy.version}
                compared={after?.version ?? null}
                zone={tz}
                reason={reason}
                onCompare={(version) => void setParams({ a: null, b: version })}
                onRestore={setRestoring}
              />
            </Panel>
            {before && after ? (
              <Comparison versions={versions} before={before} after={after} onChange={(pair) => void setParams(pair)} />
            ) : null}
            {restoring ? (
              <RestoreDialog version={restoring} policy={policy} editor={editor} onClose={() => setRestoring(null)} />
            ) : null}
          </div>
        );
      }}
    </QueryState>
  );
}

interface ComparisonProps {
  versions: readonly PolicyVersion[];
  before: PolicyVersion;
  after: PolicyVersion;
  onChange: (pair: { a?: number; b?: number }) => void;
}

function Comparison({ versions, before, after, onChange }: ComparisonProps) {
  const [isText, setText] = useState(false);
  const diff = useMemo(() => diffPolicies(before.document, after.document), [before, after]);
  const choices = versions.map(({ version }) => ({ value: String(version), label: `version ${version}` }));
  return (
    <Panel
      title="What changed"
      actions={
        <>
          <span className="small soft">from</span>
          <NativeSelect
            size="xs"
            aria-label="Compare from"
            data={choices}
            value={String(before.version)}
            onChange={({ currentTarget }) => onChange({ a: Number(currentTarget.value) })}
          />
          <span className="small soft">to</span>
          <NativeSelect
            size="xs"
            aria-label="Compare to"
            data={choices}
            value={String(after.version)}
            onChange={({ currentTarget }) => onChange({ a: before.version, b: Number(currentTarget.value) })}
          />
          <NativeSelect
            size="xs"
            aria-label="Compare as"
            data={['list', 'JSON']}
            value={isText ? 'JSON' : 'list'}
            onChange={({ currentTarget }) => setText(currentTarget.value === 'JSON')}
          />
        </>
      }
    >
      {isText ? <JsonDiff before={before.document} after={after.document} /> : <DiffView diff={diff} />}
    </Panel>
  );
}
