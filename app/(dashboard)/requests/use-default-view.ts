'use client';

import { useLocalStorage } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useEffect, useRef } from 'react';
import { viewsQuery } from '@/app/_data/views';
import { columnParams, requestParams } from './search-params';

const OF_A_VIEW = [...Object.keys(requestParams), ...Object.keys(columnParams)];

/** The saved view that this reader's list opens with, in this browser. */
export function useDefaultViewId() {
  return useLocalStorage<string | null>({ key: 'offpeak-request-view', defaultValue: null });
}

/** Opens the reader's own view where the address asks for nothing; a range that it states is kept. */
export function useDefaultView(): void {
  const router = useRouter();
  const [id] = useDefaultViewId();
  const { data } = useQuery({ ...viewsQuery, enabled: id !== null });
  // One that is chosen later is for the next time.
  const first = useRef<string | null>(null);
  const isDecided = useRef(false);
  useEffect(() => {
    first.current ??= window.location.search;
    const view = data?.views.find((one) => one.id === id);
    if (isDecided.current || !view) return;
    isDecided.current = true;
    const asked = new URLSearchParams(first.current);
    if (first.current !== window.location.search || OF_A_VIEW.some((name) => asked.has(name))) return;
    const query = new URLSearchParams(view.query);
    for (const [name, value] of asked) query.set(name, value);
    router.replace(`/requests?${query}${window.location.hash}`);
  }, [data, id, router]);
}
