import type { ReactNode } from 'react';
import classes from './scroll-region.module.css';

interface ScrollRegionProps {
  name: string;
  height?: number;
  children: ReactNode;
}

/** A part that scrolls on its own; its head row stays. It takes the focus, so that a keyboard can scroll it too. */
export function ScrollRegion({ name, height, children }: ScrollRegionProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
    <section className={classes.scroll} style={{ height }} tabIndex={0} aria-label={name}>
      {children}
    </section>
  );
}
