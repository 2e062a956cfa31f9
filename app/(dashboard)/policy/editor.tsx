'use client';

// Ahead of everything that makes a schema.
import './no-eval';

import { Tabs } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import dynamic from 'next/dynamic';
import { useQueryStates } from 'nuqs';
import { useEffect, useMemo, useState } from 'react';
import { keysQuery } from '@/app/_data/keys';
import { latencyQuery } from '@/app/_data/metrics';
import { usePageRange } from '@/app/_data/page-range';
import { pricesQuery } from '@/app/_data/prices';
import { rangeLabel } from '@/app/_ui/shell/range-presets';
import type { PolicyAnswer, PolicyDraft, PolicyVersion } from '@/lib/contract/policy';
import { faultsOf } from '@/lib/core/policy-draft/draft';
import { DraftBar } from './draft-bar';
import { type EditorContent, EditorContext } from './editor-context';
import classes from './policy.module.css';
import { RuleList } from './rules/rule-list';
import { policyParams, type Tab } from './search-params';
import { useDraft } from './use-draft';
import { useUndoKeys } from './use-undo-keys';

const JsonView = dynamic(() => import('./json-view').then((m) => m.JsonView), { ssr: false });

interface EditorProps {
  policy: PolicyAnswer;
  first: PolicyVersion;
  stored: PolicyDraft | null;
  /** Why this reader may not write; `null`: they may. */
  reason: string | null;
}

const TryCall = dynamic(() => import('./try/try-call').then((m) => m.TryCall), { ssr: false });
const Versions = dynamic(() => import('./versions/versions').then((m) => m.Versions), { ssr: false });
const ReviewDialog = dynamic(() => import('./review/review-dialog').then((m) => m.ReviewDialog), { ssr: false });
const ConflictDialog = dynamic(() => import('./review/conflict-dialog').then((m) => m.ConflictDialog), { ssr: false });

const NAMES: readonly { tab: Tab; name: string }[] = [
  { tab: 'rules', name: 'Rules' },
  { tab: 'json', name: 'JSON' },
  { tab: 'try', name: 'Try a call' },
  { tab: 'versions', name: 'Versions' },
];

export function Editor({ policy, first, stored, reason }: EditorProps) {
  const [{ tab, request }, setParams] = useQueryStates(policyParams);
  const editor = useDraft(first, stored);
  const { base, draft, isChanged, restart } = editor;
  const [dialog, setDialog] = useState<'review' | 'conflict' | null>(null);
  useUndoKeys(editor, reason === null && (tab === 'rules' || tab === 'json'));
  // Nobody's work is lost by moving on to what was published meanwhile.
  useEffect(() => {
    if (!isChanged && policy.version !== base.version) restart(policy);
  }, [isChanged, policy, base, restart]);

  const content = useContent(draft, reason);
  const isEditing = tab === 'rules' || tab === 'json';
  return (
    <EditorContext value={content}>
      <Tabs
        value={tab}
        onChange={(next) => void setParams({ tab: next as Tab })}
        keepMounted={false}
        className={classes.tabs ?? ''}
      >
        <div className={classes.tools}>
          <Tabs.List>
            {NAMES.map(({ tab: value, name }) => (
              <Tabs.Tab key={value} value={value}>
                {name}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          {isEditing ? (
            <DraftBar
              editor={editor}
              policy={policy}
              onReview={() => setDialog('review')}
              onConflict={() => setDialog('conflict')}
            />
          ) : null}
        </div>
        <Tabs.Panel value="rules">
          {draft.isBroken ? (
            <p className={classes.broken} role="status">
              The JSON is unfinished: the cards show what was there before it. Mend it in the JSON view, or change a
              card to give it up.
            </p>
          ) : null}
          <RuleList editor={editor} />
        </Tabs.Panel>
        <Tabs.Panel value="json">
          <JsonView editor={editor} />
        </Tabs.Panel>
        <Tabs.Panel value="try">
          <TryCall policy={policy} editor={editor} requestId={request} />
        </Tabs.Panel>
        <Tabs.Panel value="versions">
          <Versions policy={policy} editor={editor} />
        </Tabs.Panel>
      </Tabs>
      {dialog === 'review' ? (
        <ReviewDialog
          editor={editor}
          policy={policy}
          onConflict={() => setDialog('conflict')}
          onClose={() => setDialog(null)}
        />
      ) : null}
      {dialog === 'conflict' ? (
        <ConflictDialog editor={editor} policy={policy} onClose={() => setDialog(null)} />
      ) : null}
    </EditorContext>
  );
}

function useContent(draft: ReturnType<typeof useDraft>['draft'], reason: string | null): EditorContent {
  const range = usePageRange();
  const { data: prices } = useQuery(pricesQuery);
  const { data: keys } = useQuery(keysQuery);
  const { data: latency } = useQuery(latencyQuery(range));
  const { from, to, tz } = range;
  return useMemo(() => {
    const faults = new Map<string, string>();
    for (const { path, message } of faultsOf(draft)) if (!faults.has(path)) faults.set(path, message);
    const turnarounds = latency?.rows.filter(({ measure }) => measure === 'turnaround') ?? null;
    const models = new Set([
      ...(turnarounds ?? []).map(({ model }) => model),
      ...(prices?.prices ?? []).map(({ model }) => model),
    ]);
    return {
      reason,
      faults,
      models: [...models],
      keys: [...new Set((keys?.keys ?? []).map(({ name }) => name))],
      turnarounds: turnarounds && [...turnarounds].sort((a, b) => b.n - a.n),
      rangeText: rangeLabel(from, to, tz).replace(/^L/, 'l'),
    };
  }, [draft, reason, prices, keys, latency, from, to, tz]);
}
