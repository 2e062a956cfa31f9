'use client';

import { Button, type ButtonProps } from '@mantine/core';
import { type ReactNode, useId } from 'react';

interface GuardedButtonProps extends ButtonProps {
  /** Why this reader may not; `null`: they may. */
  reason: string | null;
  onClick: () => void;
  children: ReactNode;
}

/** A button that says why it is off. It keeps the focus then, or a keyboard would never hear the reason. */
export function GuardedButton({ reason, onClick, children, ...rest }: GuardedButtonProps) {
  const id = useId();
  if (reason === null) {
    return (
      <Button {...rest} onClick={onClick}>
        {children}
      </Button>
    );
  }
  return (
    <>
      <Button {...rest} aria-disabled data-disabled aria-describedby={id} title={reason}>
        {children}
      </Button>
      <span id={id} className="visually-hidden">
        {reason}
      </span>
    </>
  );
}
