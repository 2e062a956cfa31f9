/** z of a two-sided 95 % band, and of a one-sided 95 % bound. */
export const Z_BAND = 1.959963984540054;
export const Z_BOUND = 1.6448536269514722;

/** Wilson's score interval of a share seen among `n`: honest at the ends, where the usual one leaves [0, 1]. */
export function wilson(share: number, n: number, z = Z_BAND): [low: number, high: number] {
  if (!(n > 0)) return [0, 1];
  const z2 = z * z;
  const center = (share + z2 / (2 * n)) / (1 + z2 / n);
  const half = (z / (1 + z2 / n)) * Math.sqrt((share * (1 - share)) / n + z2 / (4 * n * n));
  // In floating point the ends may miss the share by a hair.
  return [Math.max(0, Math.min(share, center - half)), Math.min(1, Math.max(share, center + half))];
}
