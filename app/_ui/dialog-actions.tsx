import { Button } from '@mantine/core';
import classes from './dialog.module.css';

interface DialogActionsProps {
  action: string;
  isPending: boolean;
  /** What went wrong with the whole, beyond the fields that say it themselves. */
  fault: string | null;
  isDisabled?: boolean;
  /** The act cannot be undone. */
  isFinal?: boolean;
  onCancel: () => void;
}

/** The end of every form in a dialog: its fault, the way out and the act. */
export function DialogActions({ action, isPending, fault, isDisabled, isFinal, onCancel }: DialogActionsProps) {
  return (
    <>
      {fault ? (
        <p className={classes.error} role="alert">
          {fault}
        </p>
      ) : null}
      <div className={classes.actions}>
        <Button variant="default" onClick={onCancel}>
          Cancel
        </Button>
        <Button
          type="submit"
          loading={isPending}
          disabled={isDisabled ?? false}
          {...(isFinal ? { color: 'red.9' } : {})}
        >
          {action}
        </Button>
      </div>
    </>
  );
}
