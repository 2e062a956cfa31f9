'use client';

import { Button, Modal, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { ApiFailure } from '@/app/_data/fetch-json';
import { policyQuery, policyVersionsQuery, publishPolicy } from '@/app/_data/policy';
import { statusQuery } from '@/app/_data/status';
import dialog from '@/app/_ui/dialog.module.css';
import { toast } from '@/app/_ui/toast';
import { sentence } from '@/app/(dashboard)/policy/editor-context';
import type { DraftEditor } from '@/app/(dashboard)/policy/use-draft';
import type { PolicyAnswer } from '@/lib/contract/policy';
import { policyWarnings } from '@/lib/core/policy/warnings';
import { diffPolicies } from '@/lib/core/policy-draft/diff';
import { BacktestPanel } from './backtest-panel';
import { DiffView } from './diff-view';
import { JsonDiff } from './json-diff';
import { muchMoves } from './much-moves';
import classes from './review.module.css';
import { useExpectedEffect } from './use-expected-effect';

interface ReviewDialogProps {
  editor: DraftEditor;
  policy: PolicyAnswer;
  onConflict: () => void;
  onClose: () => void;
}

/** The last look: what changes, what it would have done, and why. */
export function ReviewDialog({ editor, policy, onConflict, onClose }: ReviewDialogProps) {
  const client = useQueryClient();
  const { base, draft } = editor;
  const { document } = draft;
  const [note, setNote] = useState('');
  const [isText, setText] = useState(false);
  const [typed, setTyped] = useState('');
  const effect = useExpectedEffect(document);
  const much = muchMoves(effect.state);
  const word = `version ${base.version + 1}`;
  const isConfirmed = much === null || (much !== 'wait' && typed.trim().toLowerCase() === word);
  const diff = useMemo(() => diffPolicies(base.document, document), [base, document]);
  const warnings = useMemo(() => policyWarnings(document), [document]);
  const publish = useMutation({
    mutationFn: () => publishPolicy({ document, note: note.trim() || null, baseVersion: base.version }),
    onSuccess: (published) => {
      client.setQueryData(policyQuery.queryKey, published);
      editor.restart(published);
      void client.invalidateQueries({ queryKey: policyVersionsQuery.queryKey });
      void client.invalidateQueries({ queryKey: statusQuery.queryKey });
      toast(`Version ${published.version} is in force`);
      onClose();
    },
    onError: async (error) => {
      if (!(error instanceof ApiFailure) || error.status !== 409) return;
      await client.invalidateQueries({ queryKey: policyQuery.queryKey });
      onConflict();
    },
  });
  return (
    <Modal
      opened
      onClose={onClose}
      size={880}
      title={`Publish version ${base.version + 1}`}
      closeOnClickOutside={false}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <form
        className={classes.review}
        onSubmit={(event) => {
          event.preventDefault();
          if (isConfirmed) publish.mutate();
        }}
      >
        <section aria-label="What changes">
          <header className={classes.effectHead}>
            <h3>What changes</h3>
            <span className="soft small">since version {base.version}</span>
            <Button size="compact-xs" variant="subtle" aria-pressed={isText} onClick={() => setText(!isText)}>
              {isText ? 'As a list' : 'As JSON'}
            </Button>
          </header>
          {isText ? <JsonDiff before={base.document} after={document} /> : <DiffView diff={diff} />}
          {warnings.map(({ kind, path, rule, message }) => (
            <p key={kind + path} className={classes.warning}>
              Warning, rule “{rule}”: {message}.
            </p>
          ))}
          {policy.paused ? (
            <p className={classes.warning}>The policy is paused: it takes effect when everything-to-sync is undone.</p>
          ) : null}
        </section>
        <BacktestPanel document={document} effect={effect} />
        <Textarea
          label="Why"
          description="Stands beside the version for whoever asks later."
          maxLength={1_000}
          autosize
          minRows={1}
          maxRows={4}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        {much === null || much === 'wait' ? null : (
          <TextInput
            label={`Type “${word}” to confirm`}
            description={much.because}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            autoComplete="off"
            spellCheck={false}
          />
        )}
        {publish.error ? <Refusal error={publish.error} /> : null}
        <div className={dialog.actions}>
          <Button variant="default" onClick={onClose}>
            Back to the draft
          </Button>
          {much === 'wait' ? <span className="soft small">How much moves is not known yet.</span> : null}
          <Button type="submit" loading={publish.isPending} disabled={!isConfirmed}>
            Publish
          </Button>
        </div>
      </form>
    </Modal>
  );
}

function Refusal({ error }: { error: Error }) {
  const faults = error instanceof ApiFailure ? error.faults : [];
  return (
    <div className={classes.error} role="alert">
      <p>{error.message}</p>
      <ul>
        {faults.map(({ path, message }) => (
          <li key={path + message}>
            <code>{path || 'document'}</code> {sentence(message)}
          </li>
        ))}
      </ul>
    </div>
  );
}
