/**
 * Loaded ahead of Offpeak by take.ts, and by nothing else: in that process it is some hours ago, and each SIGUSR2 moves
 * its time on by a step until it is now. Calls that are made in between stand in the log as an afternoon's work, with
 * latencies that are the real ones.
 */
const { SCREENSHOT_BEHIND_MS, SCREENSHOT_STEP_MS } = process.env;
const Real = Date;
let behindMs = Number(SCREENSHOT_BEHIND_MS);

class SteppingDate extends Real {
  // Next wraps Date once more and takes over only what is its own.
  static override readonly parse = Real.parse;
  static override readonly UTC = Real.UTC;

  constructor(...given: unknown[]) {
    super(...((given.length === 0 ? [Real.now() - behindMs] : given) as [number]));
  }

  static override now(): number {
    return Real.now() - behindMs;
  }

  /** Dates that were made before or beside this class are dates, too. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return Object.prototype.toString.call(value) === '[object Date]';
  }
}

globalThis.Date = SteppingDate as unknown as DateConstructor;
process.on('SIGUSR2', () => {
  behindMs = Math.max(0, behindMs - Number(SCREENSHOT_STEP_MS));
});
