'use client';

import Link from 'next/link';
import { RequestDetailView } from '@/app/_ui/requests/request-detail-view';
import { usePageHref } from '@/app/_ui/shell/use-page-href';
import classes from './request.module.css';

/** A request on a page of its own: a shared link, a new tab, a reload. */
export function RequestPageView({ id }: { id: string }) {
  const href = usePageHref();
  return (
    <div className={classes.page}>
      <p className="small">
        <Link href={href('/requests')}>Requests</Link>
      </p>
      <h1>Request</h1>
      <RequestDetailView id={id} />
    </div>
  );
}
