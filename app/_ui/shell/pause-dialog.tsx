'use client';

import { Button, Modal, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { policyQuery, setPaused } from '@/app/_data/policy';
import { statusQuery } from '@/app/_data/status';
import classes from '@/app/_ui/dialog.module.css';
import { canWrite, VIEWER_REASON } from '@/app/_ui/roles';
import { toast } from '@/app/_ui/toast';
import type { Status } from '@/lib/contract/status';

/** The switch for a bad night: Enter is enough to confirm, either way. It waits for the server. */
export function PauseDialog({ status, onClose }: { status: Status; onClose: () => void }) {
  const client = useQueryClient();
  // What it was when it was opened: an answer that comes meanwhile must not turn the question round.
  const [toPause] = useState(status.policy.pause === null);
  const [note, setNote] = useState('');
  const flip = useMutation({
    mutationFn: () => setPaused(toPause, note.trim() || null),
    onSuccess: async (policy) => {
      client.setQueryData(policyQuery.queryKey, policy);
      await client.invalidateQueries({ queryKey: statusQuery.queryKey });
      toast(toPause ? 'Everything goes to sync' : 'The policy is in force again');
      onClose();
    },
  });
  const fault = canWrite(status.operator.role) ? flip.error?.message : VIEWER_REASON;
  return (
    <Modal
      opened
      onClose={onClose}
      title={toPause ? 'Send everything to sync?' : 'Put the policy in force again?'}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (canWrite(status.operator.role)) flip.mutate();
        }}
      >
        <p>
          {toPause
            ? 'No call enters the batch lane until this is undone; what waits there already is delivered as promised. It works within two seconds on every replica.'
            : `Calls are decided by version ${status.policy.version} again, within two seconds on every replica.`}
        </p>
        <TextInput
          label="Why"
          description="Optional; it is shown on every page and kept."
          maxLength={1_000}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
          autoComplete="off"
        />
        {fault ? (
          <p className={classes.error} role="alert">
            {fault}
          </p>
        ) : null}
        <div className={classes.actions}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" data-autofocus loading={flip.isPending} disabled={!canWrite(status.operator.role)}>
            {toPause ? 'Everything to sync' : 'Policy in force'}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
