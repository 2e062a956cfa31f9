import type { Spark } from '@/lib/core/series/spark';
import classes from './spark-line.module.css';

const WIDTH = 100;
const HEIGHT = 20;

/** How a figure moved over the range. Those who do not see it have the panel's chart and its table. */
export function SparkLine({ spark }: { spark: Spark }) {
  return (
    <svg
      className={classes.spark}
      viewBox={`0 -1 ${WIDTH} ${HEIGHT + 2}`}
      preserveAspectRatio="none"
      aria-hidden="true"
      focusable="false"
    >
      {spark.lines.map((line) => (
        <path key={line[0]?.[0]} d={pathOf(line)} className={classes.line} />
      ))}
      {spark.open.length > 0 ? <path d={pathOf(spark.open)} className={classes.line} data-open="" /> : null}
    </svg>
  );
}

/** A single point is a short stroke: a path of no length is not drawn. */
function pathOf(line: Spark['open']): string {
  const places = line.map(([x, y]) => `${round(x * WIDTH)} ${round(y * HEIGHT)}`);
  return `M${places.join('L')}${places.length === 1 ? 'h1' : ''}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
