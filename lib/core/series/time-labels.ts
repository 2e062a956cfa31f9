import { zoneOffsetMinutes } from '@/lib/core/time-range';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const STEPS = [1, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10_080, 20_160, 43_200].map((m) => m * MINUTE);

const formatters = new Map<string, Intl.DateTimeFormat>();

function format(atMs: number, timeZone: string, options: Intl.DateTimeFormatOptions): string {
  const key = timeZone + JSON.stringify(options);
  let formatter = formatters.get(key);
  if (!formatter) {
    formatter = new Intl.DateTimeFormat('en-GB', { timeZone, hourCycle: 'h23', ...options });
    formatters.set(key, formatter);
  }
  return formatter.format(atMs);
}

const clock = (at: number, zone: string) => format(at, zone, { hour: '2-digit', minute: '2-digit' });
const day = (at: number, zone: string) => format(at, zone, { day: 'numeric', month: 'short' });

/** `24 Nov 2026, 14:05`; with seconds on demand. */
export function momentLabel(atMs: number, timeZone: string, seconds = false): string {
  return format(atMs, timeZone, {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    ...(seconds ? { second: '2-digit' } : {}),
  });
}

/** `24 Nov, 14:00–15:00`, or `24 Nov` for a whole day. */
export function spanLabel(fromMs: number, toMs: number, timeZone: string): string {
  if (toMs - fromMs > 20 * HOUR) return day(fromMs, timeZone);
  return `${day(fromMs, timeZone)}, ${clock(fromMs, timeZone)}–${clock(toMs, timeZone)}`;
}

/** ISO-8601 with the zone's offset at that moment: `2026-11-24T14:00:00+01:00`. */
export function isoInZone(atMs: number, timeZone: string): string {
  const offset = zoneOffsetMinutes(atMs, timeZone);
  const local = new Date(atMs + offset * MINUTE).toISOString().slice(0, 19);
  if (timeZone === 'UTC') return `${local}Z`;
  const abs = Math.abs(offset);
  const two = (n: number) => String(n).padStart(2, '0');
  return `${local}${offset < 0 ? '-' : '+'}${two(Math.floor(abs / 60))}:${two(abs % 60)}`;
}

/** `UTC`, or the zone's name and its offset at that moment: `Europe/Berlin (UTC+1)`. */
export function zoneLabel(timeZone: string, atMs: number): string {
  if (timeZone === 'UTC') return 'UTC';
  const offset = zoneOffsetMinutes(atMs, timeZone);
  const abs = Math.abs(offset);
  const minutes = abs % 60 ? `:${String(abs % 60).padStart(2, '0')}` : '';
  return `${timeZone.replaceAll('_', ' ')} (UTC${offset < 0 ? '−' : '+'}${Math.floor(abs / 60)}${minutes})`;
}

export interface AxisTick {
  at: number;
  label: string;
}

/** Bucket starts that fall on round local times, at most `most` of them; midnight is labelled with its date. */
export function timeTicks(starts: readonly number[], timeZone: string, most = 7): AxisTick[] {
  const first = starts[0];
  const last = starts.at(-1);
  if (first === undefined || last === undefined) return [];
  const step = STEPS.find((candidate) => (last - first) / candidate <= most) ?? (last - first) / most;
  const ticks: AxisTick[] = [];
  let slot = Number.NaN;
  for (const at of starts) {
    const local = at + zoneOffsetMinutes(at, timeZone) * MINUTE;
    const next = Math.floor(local / step);
    // A bucket that holds a round time without starting on it (6 h buckets cut in UTC, say) still gets its tick.
    if (next !== slot && (!Number.isNaN(slot) || local % step === 0)) {
      const isMidnight = local % DAY === 0;
      ticks.push({ at, label: step >= DAY || isMidnight ? day(at, timeZone) : clock(at, timeZone) });
    }
    slot = next;
  }
  if (ticks.length > 0) return ticks;
  return [{ at: first, label: step >= DAY ? day(first, timeZone) : clock(first, timeZone) }];
}
