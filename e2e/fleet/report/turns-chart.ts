import { ARM_TITLES } from '@/e2e/fleet/experiment/arms';
import type { ArmResults, ScenarioResults } from '@/e2e/fleet/experiment/results';
import { formatChange, formatDollars, formatSpan } from './format';
import { svgLine, svgPicture, svgRect, svgText } from './svg';

const WIDTH = 920;
const LEFT = 200;
const RIGHT = 216;
const ROW = 34;
const BAR = 18;
const STEPS_MS = [10_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000];

/** One agent's turns, one after the other, by who answered them. */
export function turnsChart(scenario: ScenarioResults): string {
  const rows = scenario.arms.flatMap((arm) => {
    const timeline = arm.roles[0]?.timeline ?? [];
    return timeline.length > 0 ? [{ arm, timeline }] : [];
  });
  const most = Math.max(1, ...rows.map(({ timeline }) => timeline.at(-1)?.toMs ?? 0));
  const x = (ms: number) => LEFT + (ms / most) * (WIDTH - LEFT - RIGHT);
  const step = STEPS_MS.find((ms) => most / ms <= 8) ?? 3_600_000;
  const bottom = 8 + rows.length * ROW;
  const marks = Array.from({ length: Math.floor(most / step) + 1 }, (_, i) => i * step);
  const sync = scenario.arms.find(({ arm }) => arm === 'sync')?.costUsd;
  return svgPicture(WIDTH, bottom + 28, `${scenario.title}: when each turn began and ended`, [
    ...marks.map((ms) => svgLine(x(ms), 4, x(ms), bottom, 'grid')),
    ...marks.map((ms) =>
      svgText(x(ms), bottom + 18, ms === 0 ? '0' : formatSpan(ms), { anchor: 'middle', className: 'tick' }),
    ),
    ...rows.flatMap(({ arm, timeline }, row) => {
      const y = 8 + row * ROW + (ROW - BAR) / 2;
      return [
        svgText(LEFT - 12, y + 13, ARM_TITLES[arm.arm].name, { anchor: 'end', className: nameClass(arm) }),
        ...timeline.map(({ fromMs, toMs, tier }, i) =>
          svgRect(
            { x: x(fromMs) + 1, y, width: x(toMs) - x(fromMs) - 2, height: BAR },
            tier === 'batch' ? 'fill-batch' : 'fill-sync',
            `Turn ${i + 1}: ${formatSpan(toMs - fromMs)}, ${tier === 'batch' ? 'batch' : 'sync'}`,
          ),
        ),
        svgText(x(timeline.at(-1)?.toMs ?? 0) + 10, y + 13, endLabel(arm, sync), { className: 'value' }),
      ];
    }),
  ]);
}

function endLabel(arm: ArmResults, sync: string | undefined): string {
  const change = arm.arm === 'sync' ? '' : ` (${formatChange(arm.costUsd, sync)})`;
  return `${formatSpan(arm.agents.wall.p50)} · ${formatDollars(arm.costUsd)}${change}`;
}

function nameClass({ arm }: ArmResults): string {
  return arm === 'offpeak' ? 'name own' : 'name';
}
