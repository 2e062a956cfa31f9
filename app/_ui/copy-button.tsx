'use client';

import { useEffect, useRef, useState } from 'react';
import classes from './copy-button.module.css';
import { Icon } from './icon';
import { announce } from './live-region';

/** Clipboard access needs a secure context; loopback is one, a plain http name is not. */
async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

function useCopy(text: string, what: string): { copied: boolean | null; copy: () => void } {
  const [copied, setCopied] = useState<boolean | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const copy = () => {
    void copyText(text).then((done) => {
      setCopied(done);
      announce(done ? `${what} copied` : `${what} could not be copied: select it and copy by hand`);
      clearTimeout(timer.current);
      timer.current = setTimeout(() => setCopied(null), 2_000);
    });
  };
  return { copied, copy };
}

/** An icon button that copies `text`; `what` names it. */
export function CopyButton({ text, what }: { text: string; what: string }) {
  const { copied, copy } = useCopy(text, what);
  return (
    <button type="button" className={classes.icon} onClick={copy} aria-label={`Copy ${what}`} title={`Copy ${what}`}>
      <Icon name={copied === null ? 'copy' : copied ? 'check' : 'warning'} />
    </button>
  );
}

/** An id in monospace that copies itself by a click. */
export function CopyId({ id, what }: { id: string; what: string }) {
  const { copied, copy } = useCopy(id, what);
  return (
    <button type="button" className={classes.id} onClick={copy} title={`Copy ${what}`}>
      <span className="mono">{id}</span> <Icon name={copied ? 'check' : 'copy'} size={12} />
      <span className="visually-hidden">Copy {what}</span>
    </button>
  );
}
