'use client';

import { Button } from '@mantine/core';
import { useMemo } from 'react';
import { GuardedButton } from '@/app/_ui/guarded-button';
import { IconButton } from '@/app/_ui/icon-button';
import { announce } from '@/app/_ui/live-region';
import type { PolicyAnswer } from '@/lib/contract/policy';
import { diffPolicies } from '@/lib/core/policy-draft/diff';
import { useEditor } from './editor-context';
import classes from './policy.module.css';
import type { DraftEditor, Saved } from './use-draft';

interface DraftBarProps {
  editor: DraftEditor;
  policy: PolicyAnswer;
  onReview: () => void;
  onConflict: () => void;
}

const SAVED: Readonly<Record<Saved, string>> = {
  saved: 'kept on the server',
  saving: 'saving…',
  failed: 'not saved: Offpeak did not take it',
};

/** What is not published yet, and the way to publish it. */
export function DraftBar({ editor, policy, onReview, onConflict }: DraftBarProps) {
  const { base, draft, isChanged, saved } = editor;
  const { faults, reason } = useEditor();
  const count = useMemo(() => diffPolicies(base.document, draft.document).count, [base, draft]);
  const isStale = policy.version !== base.version;
  if (reason !== null) return <p className={classes.bar}>{reason}</p>;
  const faultCount = faults.size;
  const why =
    faultCount > 0
      ? `${faultCount === 1 ? 'One fault has' : `${faultCount} faults have`} to be mended first.`
      : isChanged
        ? null
        : 'Nothing was changed.';
  return (
    <div className={classes.bar}>
      <IconButton icon="undo" label="Undo (⌘Z)" aria-disabled={!editor.canUndo} onClick={editor.undo} />
      <IconButton icon="redo" label="Redo (⇧⌘Z)" aria-disabled={!editor.canRedo} onClick={editor.redo} />
      <p className={classes.barText}>
        {isChanged ? (
          <>
            <strong>Draft on version {base.version}</strong>
            <span className="soft">
              {' '}
              · {draft.isBroken ? 'unfinished JSON' : `${count} ${count === 1 ? 'change' : 'changes'}`} · {SAVED[saved]}
            </span>
          </>
        ) : (
          <span className="soft">No draft: what you see is version {base.version}, in force.</span>
        )}
      </p>
      {faultCount > 0 ? (
        <span className={classes.faultCount}>{faultCount === 1 ? '1 fault' : `${faultCount} faults`}</span>
      ) : null}
      {isChanged && isStale ? (
        <Button size="compact-sm" color="orange.9" variant="light" onClick={onConflict}>
          Version {policy.version} was published meanwhile…
        </Button>
      ) : null}
      {isChanged ? (
        <Button
          size="compact-sm"
          variant="subtle"
          onClick={() => {
            editor.change(base.document);
            announce('Draft discarded; undo brings it back');
          }}
        >
          Discard
        </Button>
      ) : null}
      <GuardedButton size="compact-sm" reason={why} onClick={isStale ? onConflict : onReview}>
        Review and publish
      </GuardedButton>
    </div>
  );
}
