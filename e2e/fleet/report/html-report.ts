import { ARM_TITLES, ARMS } from '@/e2e/fleet/experiment/arms';
import { callsPerBatch, type FleetResults, type ScenarioResults } from '@/e2e/fleet/experiment/results';
import { TOKEN_CATEGORIES, type TokenCategory } from '@/e2e/fleet/experiment/upstream-bill';
import { type Bar, barsChart } from './bars-chart';
import { caveats } from './caveats';
import { type Curve, distributionChart } from './distribution-chart';
import { findings } from './findings';
import { escapeHtml, formatChange, formatCount, formatDollars } from './format';
import { htmlPage, htmlTable, legendOf, listSection } from './html-page';
import { peopleChart } from './people-chart';
import { scenarioTable } from './scenario-table';
import { turnsChart } from './turns-chart';

const CATEGORY_NAMES: Readonly<Record<TokenCategory, string>> = {
  input: 'Input',
  cacheWrite: 'Cache writes',
  cacheRead: 'Cache reads',
  output: 'Output',
};

const LANE_PAINTS = { sync: ['sync', 'sync'], batch: ['batch', 'batch'] } as const;

const TILES: Readonly<Partial<Record<ScenarioResults['id'], string>>> = {
  one: 'one agent: every turn batched → shipped policy',
  'fleet-100': '100 background agents, against all sync',
  'fleet-500': '500 background agents, against all sync',
  mixed: 'a mixed fleet, its people not kept waiting',
  cached: 'cached loops: all batched → shipped policy',
};

/** One file that asks for nothing: opens from disk, prints, and goes into a chat. */
export function htmlReport(results: FleetResults): string {
  const { isSimulated, startedAt, machine, tookMs } = results;
  const said = new Map(findings(results).map((finding) => [finding.scenario, finding]));
  const tiles = results.scenarios.flatMap(({ id }) => {
    const [figure, about] = [said.get(id)?.figure, TILES[id]];
    return figure && about
      ? [`<div class="tile"><b>${escapeHtml(figure)}</b><span>${escapeHtml(about)}</span></div>`]
      : [];
  });
  const [first = '', ...rest] = caveats(results);
  return htmlPage('Offpeak: the fleet', [
    '<h1>Where batching pays</h1>',
    `<p class="dim">The same agents, five ways to have their calls answered. ${startedAt.slice(0, 10)}, ${Math.round(tookMs / 1_000)} s on ${escapeHtml(machine)}.</p>`,
    `<div class="note"><strong>${isSimulated ? 'Simulated turnaround.' : 'Real API.'}</strong> ${escapeHtml(first)}</div>`,
    `<div class="tiles">${tiles.join('')}</div>`,
    ...results.scenarios.map((scenario) => section(scenario, said.get(scenario.id)?.sentence ?? '')),
    listSection(
      'The five ways',
      ARMS.map((arm) => `${ARM_TITLES[arm].name}: ${ARM_TITLES[arm].about}.`),
    ),
    listSection('What to mind', rest),
  ]);
}

function section(scenario: ScenarioResults, sentence: string): string {
  return `<section><h2>${escapeHtml(scenario.title)}</h2><p class="dim">${escapeHtml(scenario.question)}</p><p>${escapeHtml(sentence)}</p>
${charts(scenario).join('\n')}${tableOf(scenario)}</section>`;
}

function charts(scenario: ScenarioResults): string[] {
  const chart = (title: string, svg: string, legend = '') =>
    `<h3>${title}</h3><div class="chart">${svg}</div>${legend}`;
  switch (scenario.id) {
    case 'one':
    case 'one-waiting':
      return [chart('Turn after turn', turnsChart(scenario), legendOf([LANE_PAINTS.sync, LANE_PAINTS.batch]))];
    case 'cached':
      return [
        chart(
          'What it cost, by kind of token',
          barsChart(`${scenario.title}: cost by kind of token`, costBars(scenario)),
          legendOf(TOKEN_CATEGORIES.map((category) => [category, CATEGORY_NAMES[category]])),
        ),
      ];
    case 'mixed':
      return [
        chart('How long people wait (dot: p50, bar: to p95, log axis)', peopleChart(scenario)),
        chart('What the whole fleet cost', barsChart(`${scenario.title}: cost`, plainCostBars(scenario))),
      ];
    default:
      return [
        chart(
          'Share of turns answered within a time (log axis)',
          distributionChart(`${scenario.title}: share of turns answered within a time`, turnCurves(scenario)),
          legendOf(scenario.arms.map(({ arm }) => [arm, ARM_TITLES[arm].name])),
        ),
        chart('Batches it took', barsChart(`${scenario.title}: batches`, batchBars(scenario))),
      ];
  }
}

/** Those that never came keep a curve below the top. */
function turnCurves({ arms }: ScenarioResults): Curve[] {
  return arms.map(({ arm, roles, agents }) => {
    const sorted = roles.flatMap(({ turnMs }) => turnMs).sort((a, b) => a - b);
    const count = sorted.length + agents.unfinished + agents.failed;
    const name = ARM_TITLES[arm].name;
    return { paint: arm, name, points: sorted.map((ms, i) => [ms, (i + 1) / count] as const) };
  });
}

function costBars({ arms }: ScenarioResults): Bar[] {
  const sync = arms.find(({ arm }) => arm === 'sync')?.costUsd;
  return arms.map(({ arm, costUsd, costByCategory }) => ({
    name: ARM_TITLES[arm].name,
    isOwn: arm === 'offpeak',
    label: `${formatDollars(costUsd)}${arm === 'sync' ? '' : ` (${formatChange(costUsd, sync)})`}`,
    parts: TOKEN_CATEGORIES.map((category) => ({
      value: Number(costByCategory[category]),
      className: `fill-${category}`,
      title: `${CATEGORY_NAMES[category]}: ${formatDollars(costByCategory[category])}`,
    })),
  }));
}

function plainCostBars(scenario: ScenarioResults): Bar[] {
  return costBars(scenario).map((bar, i) => ({
    ...bar,
    parts: [{ value: Number(scenario.arms[i]?.costUsd), className: `fill-${scenario.arms[i]?.arm}`, title: bar.label }],
  }));
}

function batchBars({ arms }: ScenarioResults): Bar[] {
  return arms
    .filter(({ batches }) => batches > 0)
    .map((arm) => ({
      name: ARM_TITLES[arm.arm].name,
      isOwn: arm.arm === 'offpeak',
      label: `${formatCount(arm.batches)}, ${formatCount(callsPerBatch(arm))} calls each`,
      parts: [{ value: arm.batches, className: `fill-${arm.arm}`, title: `${arm.batches} batches` }],
    }));
}

function tableOf(scenario: ScenarioResults): string {
  return htmlTable(scenarioTable(scenario), (row) => scenario.arms[row]?.arm === 'offpeak');
}
