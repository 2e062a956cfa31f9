import { Fragment } from 'react';
import classes from './inert-text.module.css';
import { visibleParts } from './visible-text';

/** Text that a caller or an upstream chose: shown as it is, unable to reorder or hide anything around it. */
export function InertText({ children, lines = false }: { children: string; lines?: boolean }) {
  const parts = visibleParts(children, lines);
  if (parts.length === 1 && !parts[0]?.marked) return <bdi>{children}</bdi>;
  let at = 0;
  return (
    <bdi>
      {parts.map((part) => {
        const key = at;
        at += part.text.length;
        return part.marked ? (
          <span key={key} className={classes.mark}>
            {part.text}
          </span>
        ) : (
          <Fragment key={key}>{part.text}</Fragment>
        );
      })}
    </bdi>
  );
}
