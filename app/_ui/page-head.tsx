import type { ReactNode } from 'react';
import classes from './page-head.module.css';

interface PageHeadProps {
  title: string;
  note: ReactNode;
  children?: ReactNode;
}

export function PageHead({ title, note, children }: PageHeadProps) {
  return (
    <header className={classes.head}>
      <div>
        <h1>{title}</h1>
        <p className="soft">{note}</p>
      </div>
      <div className={classes.actions}>{children}</div>
    </header>
  );
}
