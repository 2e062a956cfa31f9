'use client';

import { Drawer } from '@mantine/core';
import { useEffect, useState } from 'react';
import { Icon } from '@/app/_ui/icon';
import { RequestDetailView } from './request-detail-view';
import classes from './request-drawer.module.css';

interface RequestDrawerProps {
  /** `null`: closed. */
  id: string | null;
  onClose: () => void;
  onMove: (step: 1 | -1) => void;
}

export function RequestDrawer({ id, onClose, onMove }: RequestDrawerProps) {
  // What was shown last stays while the drawer slides out.
  const [shown, setShown] = useState(id);
  if (id !== null && id !== shown) setShown(id);
  const isOpen = id !== null;

  useEffect(() => {
    if (!isOpen) return;
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.metaKey || event.ctrlKey || event.altKey) return;
      if (event.target instanceof HTMLElement && event.target.closest('input, textarea, select')) return;
      const step = event.key === 'j' ? 1 : event.key === 'k' ? -1 : null;
      if (step === null) return;
      event.preventDefault();
      onMove(step);
    };
    document.addEventListener('keydown', onKeyDown, true);
    return () => document.removeEventListener('keydown', onKeyDown, true);
  }, [isOpen, onMove]);

  return (
    <Drawer.Root opened={isOpen} onClose={onClose} position="right" size={760}>
      <Drawer.Overlay backgroundOpacity={0.3} />
      <Drawer.Content aria-label="Request">
        <Drawer.Header className={classes.header}>
          <Drawer.Title>Request</Drawer.Title>
          <span className={classes.moves}>
            <button type="button" className={classes.move} onClick={() => onMove(-1)} title="Previous (k)">
              <Icon name="previous" />
              <span className="visually-hidden">Previous request</span>
            </button>
            <button type="button" className={classes.move} onClick={() => onMove(1)} title="Next (j)">
              <Icon name="next" />
              <span className="visually-hidden">Next request</span>
            </button>
          </span>
          <Drawer.CloseButton aria-label="Close" />
        </Drawer.Header>
        <Drawer.Body>{shown === null ? null : <RequestDetailView key={shown} id={shown} />}</Drawer.Body>
      </Drawer.Content>
    </Drawer.Root>
  );
}
