'use client';

import {
  createParser,
  createSerializer,
  type inferParserType,
  parseAsBoolean,
  parseAsNativeArrayOf,
  parseAsString,
  parseAsStringLiteral,
  useQueryStates,
} from 'nuqs';
import { useCallback, useMemo, useSyncExternalStore } from 'react';
import { LANES, type Lane } from '@/lib/core/request-states';
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

/** Both ends of a range, as they stand in the URL: `now-24h~now`. */
const parseAsEnds = createParser({
  parse: (text: string) => {
    const [from = '', to = '', ...more] = text.split('~');
    const isRange = more.length === 0 && [from, to].every((end) => parseAsMoment.parse(end) !== null);
    return isRange ? { from, to } : null;
  },
  serialize: ({ from, to }: { from: string; to: string }) => `${from}~${to}`,
});

/** Filters that pages share: repeated parameters, as the API takes them. Keys by name. */
export const filterParams = {
  model: parseAsNativeArrayOf(parseAsString),
  lane: parseAsNativeArrayOf(parseAsStringLiteral(LANES)),
  key: parseAsNativeArrayOf(parseAsString),
};

/** What every page shares through the URL. A relative range stays relative there. */
export const pageParams = {
  ...filterParams,
  from: parseAsMoment.withDefault('now-24h'),
  to: parseAsMoment.withDefault('now'),
  /** The range before it was zoomed into. */
  unzoom: parseAsEnds,
  tz: parseAsZone,
  refresh: parseAsRefresh.withDefault(30),
  /** Whether charts draw the period before behind. */
  compare: parseAsBoolean.withDefault(false),
};

const suffix = createSerializer(pageParams);

/** A path with what pages share, except for what it says itself. */
export function pageSuffix(path: string, shared: Partial<inferParserType<typeof pageParams>>): string {
  const own = new URLSearchParams(path.split('#')[0]?.split('?')[1] ?? '');
  const carried = Object.fromEntries(Object.entries(shared).filter(([name]) => !own.has(name)));
  return suffix(path, carried as typeof shared);
}

/** The part of a range that a call of the admin API takes. */
export interface RangeQuery {
  from: string;
  to: string;
  tz: string;
}

export interface PageFilters {
  model: readonly string[];
  lane: readonly Lane[];
  key: readonly string[];
}

export interface PageRange extends RangeQuery {
  filters: PageFilters;
  /** The zone is known only in the browser; until then nothing is fetched. */
  ready: boolean;
  browserZone: string;
  refresh: number;
  /** Something lies over the page: what is behind it holds still until it is closed. */
  isCovered: boolean;
  compare: boolean;
  setCompare: (compare: boolean) => void;
  setRange: (from: string, to: string) => void;
  /** To this span, Unix ms; the range before it is kept. */
  zoom: (from: number, to: number) => void;
  /** Back to the range before the first zoom; `null`: there was none. */
  resetZoom: (() => void) | null;
  setZone: (zone: string | null) => void;
  setRefresh: (seconds: number) => void;
}

export function usePageRange(): PageRange {
  const [{ from, to, tz, refresh, compare, unzoom, model, lane, key }, set] = useQueryStates(pageParams);
  const isCovered = usePageCovered();
  const local = useSyncExternalStore(neverChanges, browserZone, unknownZone);
  const setRange = useCallback(
    (nextFrom: string, nextTo: string) => void set({ from: nextFrom, to: nextTo, unzoom: null }, { history: 'push' }),
    [set],
  );
  const zoom = useCallback(
    (start: number, end: number) => {
      const span = { from: new Date(start).toISOString(), to: new Date(end).toISOString() };
      void set((before) => ({ ...span, unzoom: before.unzoom ?? { from: before.from, to: before.to } }), {
        history: 'push',
      });
    },
    [set],
  );
  const resetZoom = useMemo(() => (unzoom ? () => setRange(unzoom.from, unzoom.to) : null), [unzoom, setRange]);
  const filters = useMemo(() => ({ model, lane, key }), [model, lane, key]);
  const setZone = useCallback((zone: string | null) => void set({ tz: zone }), [set]);
  const setRefresh = useCallback((seconds: number) => void set({ refresh: seconds }), [set]);
  const setCompare = useCallback((next: boolean) => void set({ compare: next || null }, { history: 'push' }), [set]);
  return useMemo(
    () => ({
      filters,
      from,
      to,
      zoom,
      resetZoom,
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
    [
      filters,
      from,
      to,
      zoom,
      resetZoom,
      tz,
      local,
      refresh,
      isCovered,
      compare,
      setCompare,
      setRange,
      setZone,
      setRefresh,
    ],
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
