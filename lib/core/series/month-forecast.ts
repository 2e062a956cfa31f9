export interface SpendDay {
  /** Unix ms: the day's first moment in the shown zone, and the next day's. */
  at: number;
  end: number;
  usd: number;
}

export interface MonthForecast {
  spentUsd: number;
  /** Expected at the end of the month, and the 95 % range if coming days vary as past ones did; `null`: too few days. */
  expected: { usd: number; low: number; high: number } | null;
  /** Full days that it rests on, and what one costs on average. */
  basisDays: number;
  dailyUsd: number;
  daysLeft: number;
}

/** A week evens out weekdays; older days say less about the next ones. */
const BASIS_DAYS = 7;
const LEAST_DAYS = 2;
const Z_BAND = 1.96;
const DAY_MS = 86_400_000;

/**
 * Spent so far, plus the time that is left at the average of the last seven full days. Days before the first call are
 * not days without spend.
 * @param days ascending, up to the present one.
 */
export function monthForecast(
  days: readonly SpendDay[],
  { monthStart, monthEnd, now }: { monthStart: number; monthEnd: number; now: number },
): MonthForecast {
  const spentUsd = days.filter(({ at }) => at >= monthStart).reduce((sum, { usd }) => sum + usd, 0);
  const first = days.findIndex(({ usd }) => usd > 0);
  // The day of the first call is not a full one.
  const full = first < 0 ? [] : days.slice(first + 1).filter(({ end }) => end <= now);
  const basis = full.slice(-BASIS_DAYS);
  const dailyUsd = basis.reduce((sum, { usd }) => sum + usd, 0) / Math.max(1, basis.length);
  const daysLeft = Math.max(0, (monthEnd - now) / DAY_MS);
  const known = { spentUsd, basisDays: basis.length, dailyUsd, daysLeft };
  if (basis.length < LEAST_DAYS) return { ...known, expected: null };
  const variance = basis.reduce((sum, { usd }) => sum + (usd - dailyUsd) ** 2, 0) / (basis.length - 1);
  // Both the coming days and the average itself are uncertain.
  const spread = Z_BAND * Math.sqrt(variance * (daysLeft + daysLeft ** 2 / basis.length));
  const usd = spentUsd + daysLeft * dailyUsd;
  return { ...known, expected: { usd, low: Math.max(spentUsd, usd - spread), high: usd + spread } };
}
