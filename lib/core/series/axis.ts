export interface ValueAxis {
  scale: 'linear' | 'log';
  domain: [number, number];
  ticks: number[];
}

/** From zero up to a round number in steps of 1, 2 or 5 times a power of ten; all-zero data still gets an axis. */
export function linearAxis(max: number, steps = 4, floor = 0): ValueAxis {
  const top = Math.max(max, floor);
  if (!(top > 0)) return { scale: 'linear', domain: [0, 1], ticks: [0, 1] };
  const rough = top / steps;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((m) => m * power >= rough * (1 - 1e-9)) ?? 10) * power;
  const count = Math.ceil(top / step - 1e-9);
  const ticks = Array.from({ length: count + 1 }, (_, i) => Number((i * step).toPrecision(12)));
  return { scale: 'linear', domain: [0, ticks.at(-1) ?? 1], ticks };
}

/**
 * Whole decades around the data, never narrower than `usual`: two panels of the same measure then start alike, and a
 * zero (which a log axis cannot show) never reaches the domain.
 */
export function logAxis(values: readonly (number | null)[], usual: readonly [number, number]): ValueAxis {
  const [usualLow, usualHigh] = usual;
  const positive = values.filter((value): value is number => value !== null && value > 0);
  const low = Math.min(usualLow, ...positive);
  const high = Math.max(usualHigh, ...positive);
  const first = Math.floor(Math.log10(low) + 1e-9);
  const last = Math.ceil(Math.log10(high) - 1e-9);
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => Number(`1e${first + i}`));
  return { scale: 'log', domain: [ticks[0] ?? usualLow, ticks.at(-1) ?? usualHigh], ticks };
}
