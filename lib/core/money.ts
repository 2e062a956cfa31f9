/**
 * Money is integer picodollars: 1 USD = 10^12 p$, so 1 USD per million tokens is exactly 1,000,000 p$ per token and
 * every discount of the price table stays exact.
 */
export type PicoUsd = bigint;

export const PICO_PER_USD = 1_000_000_000_000n;

const DECIMAL = /^(-?)(\d{1,9})(?:\.(\d{1,12}))?$/;

/** Plain decimal, no exponent, no trailing zeros: `0.0000125`, `-3`, `0`. */
export function formatUsd(pico: PicoUsd): string {
  const sign = pico < 0n ? '-' : '';
  const abs = pico < 0n ? -pico : pico;
  const fraction = (abs % PICO_PER_USD).toString().padStart(12, '0').replace(/0+$/, '');
  return `${sign}${abs / PICO_PER_USD}${fraction ? `.${fraction}` : ''}`;
}

/** Reads a plain decimal amount of USD; `null` when it is none or finer than a picodollar. */
export function parseUsd(text: string): PicoUsd | null {
  const match = DECIMAL.exec(text);
  if (!match) return null;
  const [, sign, whole = '0', fraction = ''] = match;
  const pico = BigInt(whole) * PICO_PER_USD + BigInt(fraction.padEnd(12, '0') || '0');
  return sign ? -pico : pico;
}

/** `amount × numerator / denominator`, rounded half up; exact whenever the division is. */
export function scale(amount: PicoUsd, numerator: bigint, denominator: bigint): PicoUsd {
  const product = amount * numerator;
  const rounded = product >= 0n ? product + denominator / 2n : product - denominator / 2n;
  return rounded / denominator;
}
