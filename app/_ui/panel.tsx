import { type ReactNode, useId } from 'react';
import classes from './panel.module.css';

interface PanelProps {
  title: string;
  /** What the numbers are: unit, definition, range. */
  note?: ReactNode;
  actions?: ReactNode;
  className?: string | undefined;
  children: ReactNode;
}

export function Panel({ title, note, actions, className, children }: PanelProps) {
  const id = useId();
  return (
    <section className={className ? `${classes.panel} ${className}` : classes.panel} aria-labelledby={id}>
      <header className={classes.header}>
        <h2 id={id} className={classes.title}>
          {title}
        </h2>
        {note ? <p className={classes.note}>{note}</p> : null}
        <div className={classes.actions}>{actions}</div>
      </header>
      {children}
    </section>
  );
}
