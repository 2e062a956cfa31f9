import { GRAIN_MS, type Grain, HOUR_MS, QUARTER_MS, quartersFrom } from './grains';
import type { Roll } from './roll';

/** A bucket whose rollup is not what the rows under it say. */
export interface Mark {
  upstreamId: number;
  grain: Grain;
  at: number;
}

/** `raw` and `fold` make buckets; `lift`: its quarter hours are gone, so the hour is made; `drop`: its rows are gone. */
export type NextRoll = Roll & { by: 'raw' | 'fold' | 'lift' | 'drop' };

/** Made at once: a busy quarter of a day is summed up well within a statement's time. */
const MOST_AT_ONCE_MS = 6 * HOUR_MS;

const COARSER: Partial<Record<Grain, Grain>> = { 15: 60, 60: 1440 };
const FINER: Partial<Record<Grain, Grain>> = { 60: 15, 1440: 60 };

export function coarser(grain: Grain): Grain | null {
  return COARSER[grain] ?? null;
}

export function finer(grain: Grain): Grain {
  return FINER[grain] ?? 15;
}

/**
 * What is made next: quarter hours before the hours and days that they are part of, the newest first, some neighbours at
 * once. An hour or a day is made when it is over and nothing in it is marked.
 * @param rawFrom from when on there are raw rows. @param mayRoll keeps what was just made from being made again at once.
 */
export function nextRoll(
  marks: readonly Mark[],
  now: number,
  rawFrom: number,
  mayRoll: (mark: Mark) => boolean = () => true,
): NextRoll | null {
  const kept = quartersFrom(now);
  const marked = new Set(marks.map(nameOf));
  const isQuiet = ({ upstreamId, grain, at }: Mark) => {
    if (grain === 15) return true;
    if (at + GRAIN_MS[grain] > now) return false;
    for (let part = at; part < at + GRAIN_MS[grain]; part += QUARTER_MS) {
      if (marked.has(nameOf({ upstreamId, grain: 15, at: part }))) return false;
      if (grain === 1440 && marked.has(nameOf({ upstreamId, grain: 60, at: part }))) return false;
    }
    return true;
  };
  const due = (mark: Mark) => isQuiet(mark) && mayRoll(mark);
  const first = [...marks].sort((a, b) => a.grain - b.grain || b.at - a.at).find(due);
  if (!first) return null;
  const { upstreamId, grain } = first;
  let from = first.at;
  const isSame = (at: number) => Math.floor(at / MOST_AT_ONCE_MS) === Math.floor(first.at / MOST_AT_ONCE_MS);
  for (let at = from - GRAIN_MS[grain]; isSame(at); at -= GRAIN_MS[grain]) {
    const before = { upstreamId, grain, at };
    if (!marked.has(nameOf(before)) || !due(before)) break;
    from = at;
  }
  const roll = { upstreamId, grain, from, to: first.at + GRAIN_MS[grain] };
  if (grain === 1440) return { ...roll, by: 'fold' };
  if (grain === 60 && from >= kept) return { ...roll, by: 'fold' };
  if (from < rawFrom) return { ...roll, by: 'drop' };
  return { ...roll, by: grain === 15 && from < kept ? 'lift' : 'raw' };
}

/** Starts of the coarser buckets that a roll is part of. */
export function partOf({ grain, from, to }: Roll): number[] {
  const above = coarser(grain);
  if (above === null) return [];
  const starts: number[] = [];
  const step = GRAIN_MS[above];
  for (let at = from - (from % step); at < to; at += step) starts.push(at);
  return starts;
}

export function nameOf({ upstreamId, grain, at }: Mark): string {
  return `${upstreamId}/${grain}/${at / HOUR_MS}`;
}
