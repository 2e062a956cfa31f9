/** How a batch's age stands against what its model usually takes. Shares of the bar, 0 to 1. */
export interface AgeBar {
  age: number;
  /** Where p50 and p90 of turnaround lie, as far as they are measured. */
  usual: number[];
  /** `null`: beyond the bar's end, or there is none. */
  deadline: number | null;
  /** Older than nine of ten batches of the model were. */
  isLate: boolean;
}

/** A deadline that is further away than this times what is usual would leave nothing to be seen of that. */
const FAR = 3;

/** All in ms. @param deadlineMs from the batch's making to its earliest deadline. */
export function ageBar(
  ageMs: number,
  { p50, p90 }: { p50: number | null; p90: number | null },
  deadlineMs: number | null,
): AgeBar {
  const usual = [p50, p90].filter((ms) => ms !== null);
  const longest = Math.max(0, ...usual);
  const end = usual.length > 0 ? Math.min(deadlineMs ?? 0, FAR * longest) : (deadlineMs ?? 0);
  const whole = Math.max(1, ageMs, longest * 1.25, end);
  return {
    age: ageMs / whole,
    usual: usual.map((ms) => ms / whole),
    deadline: deadlineMs !== null && deadlineMs > 0 && deadlineMs <= whole ? deadlineMs / whole : null,
    isLate: p90 !== null && ageMs > p90,
  };
}
