'use client';

import { useRouter } from 'next/navigation';
import { useQueryStates } from 'nuqs';
import { useCallback } from 'react';
import { pageParams, pageSuffix, resolveRange } from '@/app/_data/page-range';
import type { BucketSpan } from '@/lib/core/series/buckets';

/**
 * Opens a list of exactly what stands behind a point: its span of time, cut at the page's range, and what else selects
 * it (`/requests?model=…`).
 */
export function useOpenSpan(): (path: string, span: Pick<BucketSpan, 'at' | 'end'>) => void {
  const router = useRouter();
  const [shared] = useQueryStates(pageParams);
  return useCallback(
    (path, { at, end }) => {
      const range = resolveRange({ ...shared, tz: shared.tz ?? 'UTC' }, Date.now());
      const from = new Date(Math.max(at, range.from.getTime())).toISOString();
      const to = new Date(Math.min(end, range.to.getTime())).toISOString();
      const unzoom = shared.unzoom ?? { from: shared.from, to: shared.to };
      router.push(pageSuffix(path, { ...shared, from, to, unzoom }));
    },
    [router, shared],
  );
}

/** `?name=value`, or nothing without a value. */
export function filterText(name: string, value: string | null): string {
  return value === null ? '' : `?${name}=${encodeURIComponent(value)}`;
}
