/** How callers are kept while they wait, in ms. Tests supply their own. */
export interface HoldPace {
  /** Until a stream's first byte, and between signs of life. */
  signEveryMs: number;
  /** Claude Code listens to a stream that only pings for this long, its first silence included. */
  claudeCodeMs: number;
  /** Between two looks at who is due. */
  sweepMs: number;
  /** Between two questions for outcomes that another process brought about. */
  pollMs: number;
  /** This process' callers count as alive for so long after its last sign. */
  aliveMs: number;
}

export const HOLD: HoldPace = {
  signEveryMs: 15_000,
  claudeCodeMs: 285_000,
  sweepMs: 250,
  pollMs: 1_000,
  aliveMs: 15_000,
};
