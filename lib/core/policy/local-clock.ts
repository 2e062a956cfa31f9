/** Hour and day on a wall clock. `null` for a number that is no moment. */
export interface LocalClock {
  /** 0–23. */
  hour(atMs: number): number | null;
  /** 1 = Monday … 7 = Sunday. */
  weekday(atMs: number): number | null;
}

// Every zone of today is whole quarters of an hour from UTC and changes at one, so both are constant within one.
const SLOT_MS = 900_000;
const MOST_MS = 8.64e15;
const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** @param timeZone an IANA name. Asks Intl, which takes microseconds, once per quarter of an hour. */
export function localClock(timeZone: string): LocalClock {
  const format = new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', hour: 'numeric', weekday: 'short' });
  let slot = Number.NaN;
  let hour = 0;
  let weekday = 1;
  const turnTo = (atMs: number): boolean => {
    const wanted = Math.floor(atMs / SLOT_MS);
    if (wanted === slot) return true;
    if (!(Math.abs(atMs) <= MOST_MS)) return false;
    const parts = format.formatToParts(atMs);
    hour = Number(parts.find((part) => part.type === 'hour')?.value);
    weekday = DAYS.indexOf(parts.find((part) => part.type === 'weekday')?.value ?? '') + 1;
    slot = wanted;
    return true;
  };
  return {
    hour: (atMs) => (turnTo(atMs) ? hour : null),
    weekday: (atMs) => (turnTo(atMs) ? weekday : null),
  };
}
