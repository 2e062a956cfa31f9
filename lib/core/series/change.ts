/** How a value moved against the previous period of the same length. */
export interface Change {
  /** 0.12 = 12 % more. */
  ratio: number;
  meaning: 'good' | 'bad' | 'neutral';
}

/** `null` when there is nothing to compare with: a change from zero has no percentage. */
export function changeOf(current: number, previous: number | null, better: 'more' | 'less' | 'neither'): Change | null {
  if (previous === null || previous === 0 || !Number.isFinite(previous)) return null;
  const ratio = (current - previous) / Math.abs(previous);
  if (better === 'neither' || Math.abs(ratio) < 0.005) return { ratio, meaning: 'neutral' };
  return { ratio, meaning: ratio > 0 === (better === 'more') ? 'good' : 'bad' };
}
