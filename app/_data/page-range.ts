'use client';

import { createParser, createSerializer, parseAsBoolean, useQueryStates } from 'nuqs';
import { useCallback, useMemo, useSyncExternalStore } from 'react';
import { isTimeZone, parseMoment, type TimeRange } from '@/lib/core/time-range';
import { usePageCovered } from './page-covered';

const parseAsMoment = createParser({
  parse: (text: string) => (text.length <= 40 && parseMoment(text, new Date(0)) ? text : null),
  serialize: (text: string) => text,
});
const parseAsZone = createParser({
  parse: (text: string) => (isTimeZone(text) ? text : null),
  serialize: (text: string) => text,
});
/** Seconds between refreshes; 0 = off. */
export const REFRESH_CHOICES: readonly number[] = [0, 10, 30, 60, 300];
const parseAsRefresh = createParser({
  parse: (text: string) => REFRESH_CHOICES.find((choice) => String(choice) === text) ?? null,
  serialize: (seconds: number) => String(seconds),
});

/** What every page shares through the URL. A relative range stays relative there. */
export const pageParams = {
  from: parseAsMoment.withDefault('now-24h'),
  to: parseAsMoment.withDefault('now'),
  tz: parseAsZone,
  refresh: parseAsRefresh.withDefault(30),
  /** Whether charts draw the period before behind. */
  compare: parseAsBoolean.withDefault(false),
};

export const pageSuffix = createSerializer(pageParams);

/** The part of a range that a call of the admin API takes. */
export interface RangeQuery {
  from: string;
  to: string;
  tz: string;
}

export interface PageRange extends RangeQuery {
  /** The zone is known only in the browser; until then nothing is fetched. */
  ready: boolean;
  browserZone: string;
  refresh: number;
  /** Something lies over the page: what is behind it holds still until it is closed. */
  isCovered: boolean;
  compare: boolean;
  setCompare: (compare: boolean) => void;
  setRange: (from: string, to: string) => void;
  setZone: (zone: string | null) => void;
  setRefresh: (seconds: number) => void;
}

export function usePageRange(): PageRange {
  const [{ from, to, tz, refresh, compare }, set] = useQueryStates(pageParams);
  const isCovered = usePageCovered();
  const local = useSyncExternalStore(neverChanges, browserZone, unknownZone);
  const setRange = useCallback(
    (nextFrom: string, nextTo: string) => void set({ from: nextFrom, to: nextTo }, { history: 'push' }),
    [set],
  );
  const setZone = useCallback((zone: string | null) => void set({ tz: zone }), [set]);
  const setRefresh = useCallback((seconds: number) => void set({ refresh: seconds }), [set]);
  const setCompare = useCallback((next: boolean) => void set({ compare: next || null }, { history: 'push' }), [set]);
  return useMemo(
    () => ({
      from,
      to,
      tz: tz ?? local ?? 'UTC',
      ready: local !== null,
      browserZone: local ?? 'UTC',
      refresh,
      isCovered,
      compare,
      setCompare,
      setRange,
      setZone,
      setRefresh,
    }),
    [from, to, tz, local, refresh, isCovered, compare, setCompare, setRange, setZone, setRefresh],
  );
}

/** A query's interval, or none: figures rest when the page's refresh is off and under what lies over the page. */
export function refreshEvery({ refresh, isCovered }: PageRange, ms: number): number | false {
  return refresh > 0 && !isCovered ? ms : false;
}

/** The absolute ends of a range at a moment. */
export function resolveRange({ from, to, tz }: RangeQuery, nowMs: number): TimeRange {
  const now = new Date(nowMs);
  const end = parseMoment(to, now, tz) ?? now;
  const start = parseMoment(from, now, tz) ?? new Date(end.getTime() - 86_400_000);
  return { from: start, to: end };
}

/** The period of the same length right before a range. */
export function previousRange(range: RangeQuery, nowMs: number): RangeQuery {
  const { from, to } = resolveRange(range, nowMs);
  const length = to.getTime() - from.getTime();
  return { from: new Date(from.getTime() - length).toISOString(), to: from.toISOString(), tz: range.tz };
}

const neverChanges = () => () => {};
const browserZone = (): string | null => Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
const unknownZone = (): string | null => null;
