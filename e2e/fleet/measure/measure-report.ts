import { type Curve, distributionChart } from '@/e2e/fleet/report/distribution-chart';
import { escapeHtml, formatSpan } from '@/e2e/fleet/report/format';
import { htmlPage, htmlTable, legendOf } from '@/e2e/fleet/report/html-page';
import { markdownTable, type Table, textTable } from '@/e2e/fleet/report/scenario-table';
import type { ModelVerdict } from './model-verdict';

export interface MeasureResults extends ModelVerdict {
  isSimulated: boolean;
  timeScale: number;
  startedAt: string;
  forMs: number;
  everyMs: number;
  costUsd: string;
  capUsd: string;
  stoppedBy: string | null;
}

const PAINTS = ['sync', 'one-by-one', 'by-window', 'offpeak', 'all-batch', 'cacheRead'];
const QUESTION = 'Do cheaper models batch faster?';

/** A faster clock makes the way to the API the larger part of a synchronous answer: it is told of the real one only. */
function measureTable({ models, isSimulated }: ModelVerdict & { isSimulated: boolean }): Table {
  return {
    columns: [
      '',
      '$ per MTok, in / out',
      'batches',
      'not back',
      'p50',
      '95 % interval',
      'p90',
      ...(isSimulated ? [] : ['sync p50']),
    ],
    rows: models.map(({ model, price, n, pending, p50, low, high, p90, syncP50 }) => [
      model,
      price ? `${price.inputUsd} / ${price.outputUsd}` : 'unpriced',
      String(n),
      String(pending),
      formatSpan(p50),
      low === null || high === null ? '–' : `${formatSpan(low)} to ${formatSpan(high)}`,
      formatSpan(p90),
      ...(isSimulated ? [] : [formatSpan(syncP50)]),
    ]),
  };
}

function aboutLines(results: MeasureResults): string[] {
  const { isSimulated, timeScale, forMs, everyMs, costUsd, capUsd, stoppedBy, startedAt } = results;
  return [
    isSimulated
      ? `Simulated turnaround: an invention, not a measurement of any model. Time ran ${timeScale} times as fast.`
      : 'Measured at the real API with one key; batches of one small request each.',
    `One probe of each model every ${formatSpan(everyMs)} for ${formatSpan(forMs)} from ${startedAt.slice(0, 16).replace('T', ' ')} UTC; $${costUsd} spent of at most $${capUsd}.`,
    ...(stoppedBy === null ? [] : [`It ended early: ${stoppedBy}`]),
  ];
}

export function measureText(results: MeasureResults): string {
  return [results.verdict.sentence, '', textTable(measureTable(results)), '', ...aboutLines(results)].join('\n');
}

export function measureMarkdown(results: MeasureResults): string {
  const about = aboutLines(results).map((line) => `* ${line}`);
  return `# ${QUESTION}\n\n**${results.verdict.sentence}**\n\n${markdownTable(measureTable(results))}\n\n${about.join('\n')}\n`;
}

export function measureHtml(results: MeasureResults): string {
  const curves: Curve[] = results.models.map(({ model, cdf }, i) => ({
    name: model,
    paint: PAINTS[i % PAINTS.length] ?? 'sync',
    points: cdf.map(([ms, share]) => [ms, share] as const),
  }));
  const [first = '', ...rest] = aboutLines(results);
  return htmlPage(`Offpeak: ${QUESTION}`, [
    `<h1>${QUESTION}</h1><p>${escapeHtml(results.verdict.sentence)}</p>`,
    `<div class="note">${escapeHtml(first)}</div>`,
    `<section><h2>How long batches take, by model</h2><p class="dim">Share of batches that were back within a time, log axis. What had not come back counts as still running.</p>
<div class="chart">${distributionChart('Share of batches back within a time, by model', curves)}</div>${legendOf(curves.map(({ paint, name }) => [paint, name]))}
${htmlTable(measureTable(results))}</section>`,
    ...rest.map((line) => `<p class="dim">${escapeHtml(line)}</p>`),
  ]);
}
