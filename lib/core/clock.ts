/** Time is always passed in: tests supply their own. */
export interface Clock {
  /** Unix time in ms. */
  now(): number;
  /** ms of a clock that never jumps; only differences mean something. */
  monotonic(): number;
}
