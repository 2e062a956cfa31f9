'use client';

import { Button, Modal } from '@mantine/core';
import { useMemo } from 'react';
import { usePageRange } from '@/app/_data/page-range';
import { Ago } from '@/app/_ui/ago';
import dialog from '@/app/_ui/dialog.module.css';
import { InertText } from '@/app/_ui/inert-text';
import { announce } from '@/app/_ui/live-region';
import type { DraftEditor } from '@/app/(dashboard)/policy/use-draft';
import type { PolicyAnswer } from '@/lib/contract/policy';
import { diffPolicies } from '@/lib/core/policy-draft/diff';
import { rebase } from '@/lib/core/policy-draft/rebase';
import { DiffView } from './diff-view';
import classes from './review.module.css';

interface ConflictDialogProps {
  editor: DraftEditor;
  policy: PolicyAnswer;
  onClose: () => void;
}

/** Somebody else published since the draft was begun: nothing is overwritten, and the draft is not lost. */
export function ConflictDialog({ editor, policy, onClose }: ConflictDialogProps) {
  const { base, draft, restart } = editor;
  const { tz } = usePageRange();
  const theirs = useMemo(() => diffPolicies(base.document, policy.document), [base, policy]);
  const mine = useMemo(() => diffPolicies(base.document, draft.document), [base, draft]);
  const merged = useMemo(() => rebase(base.document, draft.document, policy.document), [base, draft, policy]);
  const next = { version: policy.version, document: policy.document };
  return (
    <Modal
      opened
      onClose={onClose}
      size={880}
      title={`Version ${policy.version} was published meanwhile`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <div className={classes.review}>
        <p>
          Your draft is based on version {base.version}.{' '}
          {policy.publishedAt ? (
            <>
              <InertText>{policy.author}</InertText> published version {policy.version}{' '}
              <Ago at={policy.publishedAt} zone={tz} />
              {policy.note ? (
                <>
                  : <InertText>{policy.note}</InertText>
                </>
              ) : null}
              .
            </>
          ) : null}{' '}
          Nothing was overwritten.
        </p>
        <section aria-label="What changed meanwhile">
          <h3>What changed meanwhile</h3>
          <DiffView diff={theirs} />
        </section>
        <section aria-label="What your draft changes">
          <h3>What your draft changes</h3>
          <DiffView diff={mine} />
        </section>
        {merged.contended.length > 0 ? (
          <p className={classes.warning}>
            Both changed <InertText>{merged.contended.join(', ')}</InertText>: there your draft’s side would stand.
          </p>
        ) : null}
        <div className={dialog.actions}>
          <Button variant="default" onClick={onClose}>
            Keep the draft as it is
          </Button>
          <Button
            variant="default"
            onClick={() => {
              restart(next);
              announce('Draft discarded');
              onClose();
            }}
          >
            Discard the draft
          </Button>
          <Button
            data-autofocus
            onClick={() => {
              restart(next, merged.document);
              announce(`Your changes stand on version ${policy.version} now`);
              onClose();
            }}
          >
            Put my changes on version {policy.version}
          </Button>
        </div>
      </div>
    </Modal>
  );
}
