'use client';

import dynamic from 'next/dynamic';
import { usePathname, useSelectedLayoutSegments } from 'next/navigation';
import { useCallback, useState } from 'react';
import { belowOf, openRequest, requestIdOf } from './open-request';
import { useTrail } from './trail';

const RequestDrawer = dynamic(() => import('./request-drawer').then((m) => m.RequestDrawer), { ssr: false });

/** Watches the address: one that names a request while another page is rendered opens the drawer over that page. */
export function RequestDrawerHost() {
  const pathname = usePathname();
  const segments = useSelectedLayoutSegments();
  const isPage = segments.at(-2) === 'requests';
  const id = isPage ? null : requestIdOf(pathname);
  const [isWanted, setWanted] = useState(false);
  if (id !== null && !isWanted) setWanted(true);
  const { ids, reveal } = useTrail();

  const close = useCallback(() => {
    const shown = requestIdOf(window.location.pathname);
    const state: unknown = window.history.state;
    const isPushed = typeof state === 'object' && state !== null && 'drawer' in state;
    if (isPushed) window.history.back();
    else window.history.replaceState(null, '', belowOf());
    // After the drawer has given the focus back to where it was opened: the row of the last shown request is nearer.
    if (shown) setTimeout(() => reveal.current?.(shown), 220);
  }, [reveal]);

  const move = useCallback(
    (step: 1 | -1) => {
      const shown = requestIdOf(window.location.pathname);
      const at = shown ? ids.current.indexOf(shown) : -1;
      const next = at < 0 ? undefined : ids.current[at + step];
      if (next) openRequest(next);
    },
    [ids],
  );

  return isWanted ? <RequestDrawer id={id} onClose={close} onMove={move} /> : null;
}
