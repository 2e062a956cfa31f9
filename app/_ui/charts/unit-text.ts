import { countText, durationText, moneyText } from '@/app/_ui/amounts';
import type { Unit } from '@/lib/core/series/chart-model';
import { roundDurationText } from '@/lib/core/series/duration-axis';

export function valueText(value: number, unit: Unit): string {
  if (unit === 'usd') return moneyText(value);
  if (unit === 'seconds') return durationText(value * 1_000);
  return countText(value);
}

/** For the ticks of one axis: short, and all with the decimals that the finest of them needs. */
export function tickTexts(ticks: readonly number[], unit: Unit): Map<number, string> {
  const decimals = Math.max(0, ...ticks.map(decimalsOf));
  return new Map(
    ticks.map((tick) => {
      if (unit === 'seconds') return [tick, roundDurationText(tick * 1_000)];
      const digits = unit === 'usd' && decimals === 1 ? 2 : decimals;
      const abs = Math.abs(tick);
      const isMillions = abs >= 1_000_000 && tick % 10_000 === 0;
      const isThousands = abs >= 10_000 && tick % 100 === 0;
      const text = isMillions
        ? `${(abs / 1_000_000).toLocaleString('en-US')}M`
        : isThousands
          ? `${(abs / 1_000).toLocaleString('en-US')}k`
          : abs.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
      return [tick, `${tick < 0 ? '−' : ''}${unit === 'usd' ? '$' : ''}${text}`];
    }),
  );
}

function decimalsOf(value: number): number {
  const [, fraction = ''] = value.toFixed(9).split('.');
  return fraction.replace(/0+$/, '').length;
}
