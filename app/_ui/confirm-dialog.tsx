'use client';

import { Modal, TextInput } from '@mantine/core';
import { useState } from 'react';
import classes from './dialog.module.css';
import { DialogActions } from './dialog-actions';
import { visibleText } from './visible-text';

interface ConfirmDialogProps {
  title: string;
  /** What follows, in a sentence or two. */
  consequence: string;
  /** What has to be typed. */
  name: string;
  action: string;
  isPending: boolean;
  error: Error | null;
  onConfirm: () => void;
  onClose: () => void;
}

/** For acts that cannot be undone: the name has to be typed. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { title, consequence, name, action, isPending, error, onConfirm, onClose } = props;
  const [typed, setTyped] = useState('');
  // A name with characters that do not show cannot be typed: its visible form can.
  const wanted = visibleText(name);
  const isSame = typed.trim() === wanted.trim();
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ 'aria-label': 'Close' }}>
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (isSame) onConfirm();
        }}
      >
        <p>{consequence}</p>
        <TextInput
          label={`Type “${wanted}” to confirm`}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          autoComplete="off"
          data-autofocus
        />
        <DialogActions
          action={action}
          isPending={isPending}
          fault={error?.message ?? null}
          isDisabled={!isSame}
          isFinal
          onCancel={onClose}
        />
      </form>
    </Modal>
  );
}
