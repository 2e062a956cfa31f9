'use client';

import { useQueryStates } from 'nuqs';
import { useCallback } from 'react';
import { pageParams, pageSuffix } from '@/app/_data/page-range';

/** Links of the dashboard carry the range, zone, refresh and shared filters along; each page's own filters stay behind. */
export function usePageHref(): (path: string) => string {
  const [shared] = useQueryStates(pageParams);
  return useCallback((path: string) => pageSuffix(path, shared), [shared]);
}
