/**
 * 95 % interval of the median, from a distribution's pointwise band: the times at which one half is still inside it
 * (Brookmeyer and Crowley, Biometrics 38, 1982). `null`: the band never gets there.
 */
export function medianInterval(cdf: readonly (readonly [ms: number, share: number, low: number, high: number])[]): {
  low: number | null;
  high: number | null;
} {
  return {
    low: cdf.find(([, , , high]) => high >= 0.5)?.[0] ?? null,
    high: cdf.find(([, , low]) => low >= 0.5)?.[0] ?? null,
  };
}
