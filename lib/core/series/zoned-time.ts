import { zoneOffsetMinutes } from '@/lib/core/time-range';

const LOCAL = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})$/;

/**
 * Unix ms of a wall-clock time (`2026-11-24T14:05`) in a zone. A time that a DST change skips is moved forward by the
 * gap; of a time that happens twice the first is meant.
 */
export function fromWallClock(local: string, timeZone: string): number | null {
  const match = LOCAL.exec(local);
  if (!match) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = match.slice(1).map(Number);
  const asUtc = Date.UTC(year, month - 1, day, hour, minute);
  if (Number.isNaN(asUtc)) return null;
  // The offsets of a day before and after are the only two that can hold at that wall-clock time.
  const before = zoneOffsetMinutes(asUtc - 86_400_000, timeZone) * 60_000;
  const after = zoneOffsetMinutes(asUtc + 86_400_000, timeZone) * 60_000;
  const candidates = [asUtc - Math.max(before, after), asUtc - Math.min(before, after)];
  const exact = candidates.find((at) => at + zoneOffsetMinutes(at, timeZone) * 60_000 === asUtc);
  return exact ?? asUtc - before;
}

/** The wall-clock time of a moment in a zone, to the minute: `2026-11-24T14:05`. */
export function toWallClock(atMs: number, timeZone: string): string {
  return new Date(atMs + zoneOffsetMinutes(atMs, timeZone) * 60_000).toISOString().slice(0, 16);
}

/** The month of a moment in a zone: its first moment, the next month's, and its name. */
export function monthOf(atMs: number, timeZone: string): { start: number; end: number; name: string } {
  const [year = 0, month = 1] = toWallClock(atMs, timeZone).split('-').map(Number);
  const first = (y: number, m: number) =>
    fromWallClock(`${y}-${String(m).padStart(2, '0')}-01T00:00`, timeZone) ?? Date.UTC(y, m - 1, 1);
  return {
    start: first(year, month),
    end: month === 12 ? first(year + 1, 1) : first(year, month + 1),
    name: new Intl.DateTimeFormat('en-US', { month: 'long', timeZone }).format(atMs),
  };
}
