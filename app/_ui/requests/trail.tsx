'use client';

import { createContext, type ReactNode, type RefObject, useContext, useEffect, useMemo, useRef } from 'react';

/** The ids of the list on the page, in its order: what "next" and "previous" mean in the drawer. */
interface Trail {
  ids: RefObject<readonly string[]>;
  /** Brings a row of the list into view and gives it the focus. */
  reveal: RefObject<((id: string) => void) | null>;
}

const TrailContext = createContext<Trail | null>(null);

export function RequestTrailProvider({ children }: { children: ReactNode }) {
  const ids = useRef<readonly string[]>([]);
  const reveal = useRef<((id: string) => void) | null>(null);
  const trail = useMemo(() => ({ ids, reveal }), []);
  return <TrailContext value={trail}>{children}</TrailContext>;
}

export function useTrail(): Trail {
  const trail = useContext(TrailContext);
  if (!trail) throw new Error('RequestTrailProvider is missing');
  return trail;
}

/** Makes a list on the page the one that the drawer walks along. */
export function useAsTrail(ids: readonly string[], reveal: (id: string) => void): void {
  const trail = useTrail();
  useEffect(() => {
    trail.ids.current = ids;
    trail.reveal.current = reveal;
    return () => {
      trail.ids.current = [];
      trail.reveal.current = null;
    };
  }, [trail, ids, reveal]);
}
