import type { Bucket } from '@/lib/core/time-range';
import { linearAxis } from './axis';
import { bucketSpans, type Window } from './buckets';
import type { ChartModel } from './chart-model';
import { bucketBefore, type PeriodBefore } from './period-before';
import { isoInZone, spanLabel, timeTicks } from './time-labels';

/** Names of the kinds in the order in which they are stacked. Their hues are those that no family of models has. */
export const TOKEN_KINDS = [
  { id: 'input', name: 'Input', hue: 6, shade: 0 },
  { id: 'cacheRead', name: 'Cache read', hue: 6, shade: 2 },
  { id: 'cacheWrite5m', name: 'Cache write, 5 min', hue: 7, shade: 2 },
  { id: 'cacheWrite1h', name: 'Cache write, 1 h', hue: 7, shade: 0 },
  { id: 'output', name: 'Output', hue: 5, shade: 0 },
] as const;

export type TokenCounts = Readonly<Record<(typeof TOKEN_KINDS)[number]['id'], number>>;

export interface TokenInput {
  bucket: Bucket;
  buckets: readonly { at: string; tokens: TokenCounts }[];
  window: Window;
  timeZone: string;
  /** To be drawn behind. */
  previous?: PeriodBefore<{ at: string; tokens: TokenCounts }> | undefined;
}

/** Billed tokens per bucket, stacked by kind. */
export function tokenChart({ bucket, buckets, window, timeZone, previous }: TokenInput): ChartModel {
  const starts = buckets.map(({ at }) => Date.parse(at));
  const spans = bucketSpans(starts, bucket, window);
  const before =
    previous &&
    spans.map(({ at, end }) => {
      const found = bucketBefore(previous, at, end);
      return found ? allTokens(found.tokens) : null;
    });
  const total = sumTokens(buckets.map(({ tokens }) => tokens));
  const sum = allTokens(total);
  return {
    points: spans.map((span, i) => ({
      ...span,
      label: spanLabel(span.at, span.end, timeZone),
      values: Object.fromEntries(TOKEN_KINDS.map(({ id }) => [id, buckets[i]?.tokens[id] ?? 0])),
      notes: {},
    })),
    series: TOKEN_KINDS.filter(({ id }) => total[id] > 0).map(({ id, name, hue, shade }) => ({
      id,
      group: name,
      column: '',
      subject: { kind: 'hue', hue, shade },
      weight: 'strong',
    })),
    ...(before ? { lines: [{ name: 'Period before', values: before, isDashed: true }] } : {}),
    ticks: timeTicks(starts, timeZone),
    y: linearAxis(Math.max(0, ...buckets.map(({ tokens }) => allTokens(tokens)), ...(before ?? []).map(Number)), 4, 4),
    unit: 'count',
    additive: true,
    summary: `Billed tokens over time: ${sum.toLocaleString('en-US')} in total, ${Math.round(cacheShare(total) * 100)} % of the prompt read from cache.`,
    table: {
      head: ['from', 'to', ...TOKEN_KINDS.map(({ name }) => name)],
      rows: spans.map((span, i) => [
        isoInZone(span.at, timeZone),
        isoInZone(span.end, timeZone),
        ...TOKEN_KINDS.map(({ id }) => String(buckets[i]?.tokens[id] ?? 0)),
      ]),
    },
    empty: sum === 0,
  };
}

export function sumTokens(some: readonly TokenCounts[]): TokenCounts {
  const sum = { input: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: 0 };
  for (const tokens of some) for (const { id } of TOKEN_KINDS) sum[id] += tokens[id];
  return sum;
}

export function allTokens(tokens: TokenCounts): number {
  return TOKEN_KINDS.reduce((sum, { id }) => sum + tokens[id], 0);
}

/** Of prompt tokens, the share that was read from a cache; 0 without a prompt. */
export function cacheShare(tokens: TokenCounts): number {
  const prompt = allTokens(tokens) - tokens.output;
  return prompt > 0 ? tokens.cacheRead / prompt : 0;
}
