import { ARM_TITLES } from '@/e2e/fleet/experiment/arms';
import { type ArmResults, callsPerBatch, type ScenarioResults } from '@/e2e/fleet/experiment/results';
import { formatChange, formatCount, formatDollars, formatShare, formatSpan } from './format';

export interface Table {
  columns: readonly string[];
  rows: readonly (readonly string[])[];
}

/** The same numbers on the terminal, in Markdown and in HTML. */
export function scenarioTable({ arms }: ScenarioResults): Table {
  const costOf = (arm: ArmResults['arm']) => arms.find((one) => one.arm === arm)?.costUsd;
  const hasDeadlines = arms.some(({ deadlines }) => deadlines.of > 0);
  const hasPeople = arms.some(({ roles }) => roles.length > 1 && roles.some(({ isInteractive }) => isInteractive));
  return {
    columns: [
      '',
      'agents done',
      'agent p50',
      'p95',
      'turn p50',
      'p95',
      'cost',
      'vs. sync',
      'vs. batch',
      'calls/batch',
      'batches',
      ...(hasDeadlines ? ['in time'] : []),
      ...(hasPeople ? ['people p50', 'p95'] : []),
    ],
    rows: arms.map((arm) => [
      ARM_TITLES[arm.arm].name,
      arm.agents.done === arm.agents.count ? `all ${arm.agents.count}` : `${arm.agents.done} of ${arm.agents.count}`,
      formatSpan(arm.agents.wall.p50),
      formatSpan(arm.agents.wall.p95),
      formatSpan(arm.turns.wall.p50),
      formatSpan(arm.turns.wall.p95),
      formatDollars(arm.costUsd),
      formatChange(arm.costUsd, costOf('sync')),
      formatChange(arm.costUsd, costOf('all-batch')),
      formatCount(callsPerBatch(arm)),
      formatCount(arm.batches),
      ...(hasDeadlines ? [formatShare(arm.deadlines.of - arm.deadlines.late, arm.deadlines.of)] : []),
      ...(hasPeople ? [formatSpan(peopleOf(arm)?.p50 ?? null), formatSpan(peopleOf(arm)?.p95 ?? null)] : []),
    ]),
  };
}

/** Turns of the ones that nobody may keep waiting. */
export function peopleOf({ roles }: ArmResults) {
  return roles.find(({ role }) => role === 'person')?.turns.wall ?? null;
}

export function textTable({ columns, rows }: Table): string {
  const widths = columns.map((name, i) => Math.max(name.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ');
  return [line(columns), ...rows.map(line)].map((text) => text.trimEnd()).join('\n');
}

export function markdownTable({ columns, rows }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(columns), line(columns.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}
