import { countText, durationText, moneyText } from '@/app/_ui/amounts';
import type { Unit } from '@/lib/core/series/chart-model';

export function valueText(value: number, unit: Unit): string {
  if (unit === 'usd') return moneyText(value);
  if (unit === 'seconds') return durationText(value * 1_000);
  return countText(value);
}

/** Short, for an axis: its ticks are round numbers. */
export function tickText(value: number, unit: Unit): string {
  if (unit === 'usd') return `$${compact(value)}`;
  if (unit === 'seconds') return `${compact(value)} s`;
  return compact(value);
}

function compact(value: number): string {
  if (value >= 10_000) return `${Number((value / 1_000).toPrecision(6)).toLocaleString('en-US')}k`;
  if (value >= 1) return value.toLocaleString('en-US');
  // The spelled-out decimal: an axis of tiny amounts must not switch to exponents.
  return value === 0 ? '0' : Number(value.toPrecision(3)).toLocaleString('en-US', { maximumSignificantDigits: 3 });
}
