'use client';

import Link from 'next/link';
import { InertText } from '@/app/_ui/inert-text';
import { usePageHref } from '@/app/_ui/shell/use-page-href';
import type { BatchRow } from '@/lib/contract/batches';
import classes from './batches.module.css';

/** A batch by its model and its id: the way to its page. */
export function BatchName({ row }: { row: Pick<BatchRow, 'id' | 'msgbatchId' | 'model'> }) {
  const href = usePageHref();
  const name = row.msgbatchId ?? row.id;
  return (
    <Link
      href={href(`/batches/${row.id}`)}
      className={classes.name}
      title={name}
      onClick={(event) => event.stopPropagation()}
    >
      <InertText>{row.model}</InertText>
      <span className={`mono ${classes.id}`}>{name}</span>
    </Link>
  );
}
