'use client';

import { Button } from '@mantine/core';
import dynamic from 'next/dynamic';
import { useEffect, useRef, useState } from 'react';
import classes from '@/app/_ui/pick-menu.module.css';
import { useOpenParam } from '@/app/_ui/use-open-param';

const loadPanel = () => import('./view-panel').then((module) => module.ViewPanel);
const ViewPanel = dynamic(loadPanel, { ssr: false });

/** The saved views of the list. @param query what would be saved: filters, order, columns and range as they stand. */
export function ViewMenu({ query }: { query: string }) {
  const [isOpen, setOpen] = useState(false);
  const [isWanted, setWanted] = useOpenParam('views');
  useEffect(() => {
    if (!isWanted) return;
    // Taken out of the address at once: it would come back over the one that a view is opened by.
    setOpen(true);
    setWanted(false);
  }, [isWanted, setWanted]);
  const button = useRef<HTMLButtonElement>(null);
  const preload = () => void loadPanel();
  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  return (
    <div className={classes.anchor}>
      <Button
        ref={button}
        size="compact-sm"
        variant="default"
        className={classes.button ?? ''}
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        onPointerEnter={preload}
        onFocus={preload}
        onClick={() => (isOpen ? close() : setOpen(true))}
      >
        Views
      </Button>
      {isOpen ? <ViewPanel query={query} opener={button} onClose={close} /> : null}
    </div>
  );
}
