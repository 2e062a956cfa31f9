/**
 * Ranges of the admin API: `from` inclusive, `to` exclusive. Each end is ISO-8601 with a zone, or relative to now:
 * `now`, `now-6h`, `now-30d`, or snapped down to a unit of the shown zone: `now/d`, `now-1d/d`.
 */
export interface TimeRange {
  from: Date;
  to: Date;
}

const RELATIVE = /^now(?:-(\d{1,5})(m|h|d|w))?(?:\/(h|d))?$/;
const ISO = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;
const ISO_DATE = /^\d{4}-\d{2}-\d{2}$/;
const UNIT_MS = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

/** The moment that `text` names, or `null` when it names none. */
export function parseMoment(text: string, now: Date, timeZone = 'UTC'): Date | null {
  const relative = RELATIVE.exec(text);
  if (relative) {
    const [, amount, unit, snap] = relative;
    const moment = now.getTime() - (amount ? Number(amount) * UNIT_MS[unit as keyof typeof UNIT_MS] : 0);
    return snap ? floorToUnit(moment, snap as 'h' | 'd', timeZone) : new Date(moment);
  }
  if (!ISO.test(text) && !ISO_DATE.test(text)) return null;
  const at = new Date(text);
  return Number.isNaN(at.getTime()) || !isCalendarDay(text.slice(0, 10)) ? null : at;
}

/** JavaScript reads 30 February as 2 March. */
function isCalendarDay(day: string): boolean {
  return new Date(day).toJSON()?.startsWith(day) ?? false;
}

/** A name, not an offset such as +02:00: newer engines take those too, and Postgres reads them with the opposite sign. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** Minutes that `timeZone` is ahead of UTC at that moment. */
export function zoneOffsetMinutes(atMs: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(atMs);
  const part = (type: string) => Number(parts.find((p) => p.type === type)?.value ?? 0);
  const local = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  return Math.round((local - Math.floor(atMs / 1000) * 1000) / 60_000);
}

function floorToUnit(atMs: number, unit: 'h' | 'd', timeZone: string): Date {
  const offset = zoneOffsetMinutes(atMs, timeZone) * 60_000;
  const floored = Math.floor((atMs + offset) / UNIT_MS[unit]) * UNIT_MS[unit] - offset;
  // Across a DST change the offset at midnight differs from the offset now.
  const shift = offset - zoneOffsetMinutes(floored, timeZone) * 60_000;
  return new Date(floored + shift);
}

export const BUCKETS = ['1m', '5m', '15m', '1h', '6h', '1d'] as const;
export type Bucket = (typeof BUCKETS)[number];
export const BUCKET_MS: Record<Bucket, number> = {
  '1m': 60_000,
  '5m': 300_000,
  '15m': 900_000,
  '1h': 3_600_000,
  '6h': 21_600_000,
  '1d': 86_400_000,
};

/** The finest bucket that draws the range with at most `most` points. */
export function bucketFor(range: TimeRange, most = 120): Bucket {
  const span = range.to.getTime() - range.from.getTime();
  return BUCKETS.find((bucket) => span / BUCKET_MS[bucket] <= most) ?? '1d';
}
