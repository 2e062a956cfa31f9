'use client';

import { Modal, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { policyQuery, policyVersionsQuery, restoreVersion } from '@/app/_data/policy';
import { statusQuery } from '@/app/_data/status';
import dialog from '@/app/_ui/dialog.module.css';
import { DialogActions } from '@/app/_ui/dialog-actions';
import { toast } from '@/app/_ui/toast';
import { DiffView } from '@/app/(dashboard)/policy/review/diff-view';
import type { DraftEditor } from '@/app/(dashboard)/policy/use-draft';
import type { PolicyAnswer, PolicyVersion } from '@/lib/contract/policy';
import { diffPolicies } from '@/lib/core/policy-draft/diff';

interface RestoreDialogProps {
  version: PolicyVersion;
  policy: PolicyAnswer;
  editor: DraftEditor;
  onClose: () => void;
}

/** Back to what was: as a new version, on top of the one that the reader saw in force. */
export function RestoreDialog({ version, policy, editor, onClose }: RestoreDialogProps) {
  const client = useQueryClient();
  const [base] = useState(policy);
  const [note, setNote] = useState(`Back to version ${version.version}`);
  const diff = useMemo(() => diffPolicies(base.document, version.document), [base, version]);
  const restore = useMutation({
    mutationFn: () => restoreVersion(version.version, note.trim() || null, base.version),
    onSuccess: (published) => {
      client.setQueryData(policyQuery.queryKey, published);
      if (!editor.isChanged) editor.restart(published);
      void client.invalidateQueries({ queryKey: policyVersionsQuery.queryKey });
      void client.invalidateQueries({ queryKey: statusQuery.queryKey });
      toast(`Version ${published.version} is in force: what version ${version.version} said`);
      onClose();
    },
    onError: () => void client.invalidateQueries({ queryKey: policyQuery.queryKey }),
  });
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={`Restore version ${version.version} as version ${base.version + 1}?`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <form
        className={dialog.form}
        onSubmit={(event) => {
          event.preventDefault();
          restore.mutate();
        }}
      >
        <DiffView diff={diff} />
        <TextInput
          label="Why"
          maxLength={1_000}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
          autoComplete="off"
          data-autofocus
        />
        <DialogActions
          action="Restore"
          isPending={restore.isPending}
          fault={restore.error?.message ?? null}
          onCancel={onClose}
        />
      </form>
    </Modal>
  );
}
