import { escapeHtml, formatSpan } from './format';
import { logScale, svgLine, svgPicture, svgText, timeMarks } from './svg';

export interface Curve {
  paint: string;
  name: string;
  /** Ascending: ms, and the share that was done by then. */
  points: readonly (readonly [ms: number, share: number])[];
}

const WIDTH = 920;
const HEIGHT = 320;
const PLOT = { left: 52, right: 900, top: 12, bottom: 282 };
const MOST_STEPS = 240;

/** Shares as steps over a log time axis. */
export function distributionChart(label: string, curves: readonly Curve[]): string {
  const all = curves.flatMap(({ points }) => points.map(([ms]) => ms));
  const least = all.reduce((low, ms) => Math.min(low, ms), Number.POSITIVE_INFINITY);
  const most = all.reduce((high, ms) => Math.max(high, ms), 1);
  const domain = [Math.max(100, Math.min(least, most) * 0.8), most * 1.15] as const;
  const x = logScale(domain, [PLOT.left, PLOT.right]);
  const y = (share: number) => PLOT.bottom - share * (PLOT.bottom - PLOT.top);
  return svgPicture(WIDTH, HEIGHT, label, [
    ...[0, 0.25, 0.5, 0.75, 1].flatMap((share) => [
      svgLine(PLOT.left, y(share), PLOT.right, y(share), 'grid'),
      svgText(PLOT.left - 8, y(share) + 4, `${share * 100} %`, { anchor: 'end', className: 'tick' }),
    ]),
    ...timeMarks(domain).flatMap((ms) => [
      svgLine(x(ms), PLOT.top, x(ms), PLOT.bottom, 'grid'),
      svgText(x(ms), PLOT.bottom + 18, formatSpan(ms), { anchor: 'middle', className: 'tick' }),
    ]),
    ...curves.map(({ paint, name, points }) => {
      const path = steps(points).map(([ms, share]) => `${x(ms).toFixed(1)},${y(share).toFixed(1)}`);
      return `<polyline points="${path.join(' ')}" class="curve stroke-${paint}"><title>${escapeHtml(name)}</title></polyline>`;
    }),
  ]);
}

function steps(points: Curve['points']): [ms: number, share: number][] {
  const every = Math.max(1, Math.floor(points.length / MOST_STEPS));
  let before = 0;
  return points.flatMap(([ms, share], i): [number, number][] => {
    if (i % every !== 0 && i !== points.length - 1) return [];
    const corner: [number, number] = [ms, before];
    before = share;
    return [corner, [ms, share]];
  });
}
