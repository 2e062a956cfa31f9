'use client';

import { Button } from '@mantine/core';
import { CopyButton } from './copy-button';
import classes from './secret-once.module.css';

interface SecretOnceProps {
  label: string;
  secret: string;
  /** The reader says that the secret is in a safe place. */
  onDone?: () => void;
}

/** A secret that the server tells once and then forgets. */
export function SecretOnce({ label, secret, onDone }: SecretOnceProps) {
  return (
    <div className={classes.box}>
      <p>
        <strong>{label}</strong> is shown only now. Offpeak keeps no copy of it.
      </p>
      <p className={classes.row}>
        <code className={classes.secret}>{secret}</code>
        <CopyButton text={secret} what={label} />
        {onDone ? (
          <Button size="compact-sm" variant="default" onClick={onDone}>
            I have stored it
          </Button>
        ) : null}
      </p>
    </div>
  );
}
