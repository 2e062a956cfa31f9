import { DAY_MS } from '@/lib/core/duration';
import type { Draws } from './draws';

const MINUTE_MS = 60_000;

/** Exactly so many arrivals from `from` to `to` (Unix ms), in order: more by day than by night, fewer on weekends. */
export function* arrivals(draws: Draws, from: number, to: number, count: number): Generator<number> {
  let total = 0;
  for (let at = from; at < to; at += MINUTE_MS) total += load(at);
  let due = 0;
  let made = 0;
  for (let at = from; at < to; at += MINUTE_MS) {
    due += (load(at) / total) * count;
    const end = Math.min(to, at + MINUTE_MS);
    const here = Array.from({ length: (end === to ? count : Math.floor(due)) - made }, () =>
      Math.floor(at + draws.next() * (end - at)),
    );
    yield* here.sort((a, b) => a - b);
    made += here.length;
  }
}

function load(at: number): number {
  const hour = (at % DAY_MS) / 3_600_000;
  const byDay = 1 + 0.7 * Math.sin(((hour - 8) / 24) * 2 * Math.PI);
  // 1970-01-01 was a Thursday.
  const isWeekend = (Math.floor(at / DAY_MS) + 4) % 7 === 0 || (Math.floor(at / DAY_MS) + 4) % 7 === 6;
  return byDay * (isWeekend ? 0.45 : 1);
}
