/**
 * Whether something was done less than `withinMs` ago. What seems to have been done in the future was done before the
 * clock was set back: it keeps nothing waiting.
 */
export function isRecent(at: number, now: number, withinMs: number): boolean {
  return at <= now && now - at < withinMs;
}
