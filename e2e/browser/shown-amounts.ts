// How the dashboard writes amounts, restated: a test that formats with the code it tests proves nothing.

/** USD below a dollar keeps three digits that matter and at most six decimals; from a dollar on, cents. */
export function shownMoney(usd: number): string {
  if (usd >= 0.995) return `$${usd.toFixed(2)}`;
  const decimals = [2, 3, 4, 5].find((places) => usd * 10 ** (places - 2) >= 1) ?? 6;
  return `$${usd.toFixed(decimals)}`;
}

export function shownDuration(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(2)} s`;
}

export function shownCount(count: number): string {
  return count.toLocaleString('en-US');
}
