'use client';

import { useClickOutside, useFocusTrap, useMergedRef } from '@mantine/hooks';
import type { ReactNode, RefObject } from 'react';

export interface PopPanelProps {
  name: string;
  /** The button that opened it. */
  opener: RefObject<HTMLElement | null>;
  onClose: () => void;
}

/** What a button opens over the page: it keeps the focus, and Escape or a press elsewhere closes it. */
export function PopPanel({
  name,
  opener,
  onClose,
  className,
  children,
}: PopPanelProps & { className: string | undefined; children: ReactNode }) {
  const outside = useClickOutside<HTMLDivElement>((event) => {
    // A press on the button that opened it closes it there; closed here, it would be opened again.
    if (!opener.current?.contains(event.target as Node)) onClose();
  });
  const ref = useMergedRef(outside, useFocusTrap());
  return (
    <div
      ref={ref}
      role="dialog"
      aria-label={name}
      // Takes the focus itself while its contents are still on their way.
      tabIndex={-1}
      className={className}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onClose();
      }}
    >
      {children}
    </div>
  );
}
