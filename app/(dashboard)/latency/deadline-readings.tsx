import { countText } from '@/app/_ui/amounts';
import { Swatch } from '@/app/_ui/charts/swatch';
import { InertText } from '@/app/_ui/inert-text';
import { ScrollRegion } from '@/app/_ui/scroll-region';
import { visibleText } from '@/app/_ui/visible-text';
import { subjectOf } from '@/lib/core/series/chart-model';
import { type Curve, type DistributionChart, shareWithin } from '@/lib/core/series/distribution-chart';
import { roundDurationText } from '@/lib/core/series/duration-axis';
import classes from './latency.module.css';

interface DeadlineReadingsProps {
  chart: DistributionChart;
  deadlineMs: number;
  only: string | null;
  onOnly: (model: string | null) => void;
}

/** What the deadline reads on every curve; a model's name shows it alone. */
export function DeadlineReadings({ chart, deadlineMs, only, onOnly }: DeadlineReadingsProps) {
  const within = roundDurationText(deadlineMs);
  const models = [...new Set(chart.curves.map(({ model }) => model))];
  return (
    <ScrollRegion name={`Done within ${within}, table`}>
      <table className={`rows ${classes.table}`}>
        <thead>
          <tr>
            <th scope="col">Within {within}</th>
            <th scope="col" data-numeric>
              batches
            </th>
            <th scope="col">95 %, n</th>
            <th scope="col" data-numeric>
              sync
            </th>
            <th scope="col" data-numeric>
              n
            </th>
          </tr>
        </thead>
        <tbody>
          {models.map((model) => {
            const batch = chart.curves.find((curve) => curve.model === model && curve.lane === 'batch');
            const sync = chart.curves.find((curve) => curve.model === model && curve.lane === 'sync');
            return (
              <tr key={model}>
                <th scope="row">
                  <span className={classes.model}>
                    <Swatch of={{ subject: subjectOf(model), weight: 'strong' }} kind="bars" />
                    <button
                      type="button"
                      aria-pressed={only === model}
                      title={only === model ? 'Show all' : `Show only ${visibleText(model)}`}
                      onClick={() => onOnly(only === model ? null : model)}
                    >
                      <InertText>{model}</InertText>
                    </button>
                  </span>
                </th>
                <td data-numeric>{shareOf(batch, deadlineMs)}</td>
                <td className="soft">{batch ? behind(batch, deadlineMs) : 'no batch'}</td>
                <td data-numeric>{shareOf(sync, deadlineMs)}</td>
                <td data-numeric className="soft">
                  {countText(sync?.n ?? 0)}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

/** All of it as sentences, for the slider: `10 min: 83 % of claude-opus-5-5 batches, n = 412 (95 % 79–86)`. */
export function readingOf(chart: DistributionChart, deadlineMs: number): string {
  const sentences = chart.curves
    .filter(({ lane }) => lane === 'batch')
    .map(
      (curve) => `${shareOf(curve, deadlineMs)} of ${visibleText(curve.model)} batches, ${behind(curve, deadlineMs)}`,
    );
  return `${roundDurationText(deadlineMs)}: ${sentences.join('; ') || 'no batch was measured'}`;
}

function shareOf(curve: Curve | undefined, deadlineMs: number): string {
  const reading = curve && shareWithin(curve, deadlineMs);
  return reading ? wholeShare(reading.share) : '–';
}

function behind(curve: Curve, deadlineMs: number): string {
  const reading = shareWithin(curve, deadlineMs);
  const running = curve.pending > 0 ? `, ${countText(curve.pending)} running` : '';
  if (!reading) return `n = ${countText(curve.n)}${running}`;
  const [low, high] = [reading.low, reading.high].map((share) => Math.round(share * 100));
  return `n = ${countText(curve.n)} (95 % ${low}–${high})${running}`;
}

/** Nearly all is not all. */
function wholeShare(share: number): string {
  if (share > 0.995 && share < 1) return '>99 %';
  if (share > 0 && share < 0.005) return '<1 %';
  return `${Math.round(share * 100)} %`;
}
