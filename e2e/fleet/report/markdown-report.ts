import type { FleetResults } from '@/e2e/fleet/experiment/results';
import { caveats } from './caveats';
import { findings } from './findings';
import { markdownTable, scenarioTable } from './scenario-table';

export function markdownReport(results: FleetResults): string {
  const told = new Map(findings(results).map(({ scenario, sentence }) => [scenario, sentence]));
  const sections = results.scenarios.map((scenario) =>
    [`## ${scenario.title}`, scenario.question, told.get(scenario.id) ?? '', markdownTable(scenarioTable(scenario))]
      .filter((part) => part !== '')
      .join('\n\n'),
  );
  return `${[
    '# The fleet',
    `${results.startedAt.slice(0, 16).replace('T', ' ')} UTC, ${results.machine}, ${Math.round(results.tookMs / 1_000)} s of wall clock.`,
    caveats(results)
      .map((line) => `* ${line}`)
      .join('\n'),
    ...sections,
  ].join('\n\n')}\n`;
}
