import { svgPicture, svgRect, svgText } from './svg';

export interface Bar {
  name: string;
  isOwn: boolean;
  /** From the left; each with the class that paints it. */
  parts: readonly { value: number; className: string; title: string }[];
  label: string;
}

const WIDTH = 920;
const LEFT = 200;
const RIGHT = 200;
const ROW = 34;
const BAR = 18;

/** Lying bars on one linear axis that begins at zero. */
export function barsChart(label: string, bars: readonly Bar[]): string {
  const sum = ({ parts }: Bar) => parts.reduce((total, { value }) => total + value, 0);
  const most = Math.max(...bars.map(sum), Number.MIN_VALUE);
  const width = (value: number) => (value / most) * (WIDTH - LEFT - RIGHT);
  return svgPicture(
    WIDTH,
    bars.length * ROW + 8,
    label,
    bars.flatMap((bar, row) => {
      const y = 4 + row * ROW + (ROW - BAR) / 2;
      let x = LEFT;
      const rects = bar.parts.map(({ value, className, title }) => {
        const rect = svgRect({ x, y, width: width(value), height: BAR }, className, title);
        x += width(value);
        return rect;
      });
      return [
        svgText(LEFT - 12, y + 13, bar.name, { anchor: 'end', className: bar.isOwn ? 'name own' : 'name' }),
        ...rects,
        svgText(x + 10, y + 13, bar.label, { className: 'value' }),
      ];
    }),
  );
}
