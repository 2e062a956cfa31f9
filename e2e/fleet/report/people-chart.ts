import { ARM_TITLES } from '@/e2e/fleet/experiment/arms';
import type { ScenarioResults } from '@/e2e/fleet/experiment/results';
import { formatSpan } from './format';
import { peopleOf } from './scenario-table';
import { logScale, svgLine, svgPicture, svgText, timeMarks } from './svg';

const WIDTH = 920;
const PLOT = { left: 200, right: 730 };
const ROW = 34;

/** How long people wait for an answer: from p50 to p95, on a log axis. */
export function peopleChart(scenario: ScenarioResults): string {
  const rows = scenario.arms.flatMap(({ arm, ...rest }) => {
    const wall = peopleOf({ arm, ...rest });
    return wall?.p50 && wall.p95 ? [{ arm, p50: wall.p50, p95: wall.p95 }] : [];
  });
  const domain = [
    Math.min(...rows.map(({ p50 }) => p50), 1_000) * 0.7,
    Math.max(...rows.map(({ p95 }) => p95), 1_000) * 1.4,
  ] as const;
  const x = logScale(domain, [PLOT.left, PLOT.right]);
  const bottom = 8 + rows.length * ROW;
  return svgPicture(WIDTH, bottom + 28, `${scenario.title}: how long people wait, p50 to p95`, [
    ...timeMarks(domain).flatMap((ms) => [
      svgLine(x(ms), 4, x(ms), bottom, 'grid'),
      svgText(x(ms), bottom + 18, formatSpan(ms), { anchor: 'middle', className: 'tick' }),
    ]),
    ...rows.flatMap(({ arm, p50, p95 }, row) => {
      const y = 8 + row * ROW + ROW / 2;
      return [
        svgText(PLOT.left - 12, y + 4, ARM_TITLES[arm].name, {
          anchor: 'end',
          className: arm === 'offpeak' ? 'name own' : 'name',
        }),
        svgLine(x(p50), y, x(p95), y, `range stroke-${arm}`),
        `<circle cx="${x(p50).toFixed(1)}" cy="${y}" r="6" class="fill-${arm}"/>`,
        svgText(x(p95) + 12, y + 4, `${formatSpan(p50)}, p95 ${formatSpan(p95)}`, { className: 'value' }),
      ];
    }),
  ]);
}
