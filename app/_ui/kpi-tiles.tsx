import type { ReactNode } from 'react';
import type { Change } from '@/lib/core/series/change';
import type { Spark } from '@/lib/core/series/spark';
import { shareText } from './amounts';
import classes from './kpi-tiles.module.css';
import { QueryState, type QueryView } from './query-state';
import { SparkLine } from './spark-line';

export interface Kpi {
  name: string;
  value: string;
  detail: ReactNode;
  /** Against the period before; `null`: nothing to compare with. */
  change: Change | null;
  /** Over the range; absent: it has none, or it is not known yet. */
  spark?: Spark | null | undefined;
  tone?: 'saved' | 'waste' | 'error' | 'batch' | undefined;
}

const HEIGHT = 112;

interface KpiTilesProps<T> {
  name: string;
  query: QueryView<T>;
  kpis: (answer: T) => Kpi[];
}

/** The first five seconds of a page: six figures, each against the period before. */
export function KpiTiles<T>({ name, query, kpis }: KpiTilesProps<T>) {
  return (
    <section aria-label={name} className={classes.strip}>
      <QueryState what="The key figures" query={query} height={HEIGHT}>
        {(answer) => (
          <dl className={classes.list}>
            {kpis(answer).map((kpi) => (
              <Tile key={kpi.name} kpi={kpi} />
            ))}
          </dl>
        )}
      </QueryState>
    </section>
  );
}

function Tile({ kpi: { name, value, detail, change, spark, tone } }: { kpi: Kpi }) {
  return (
    <div className={classes.tile}>
      <dt className={classes.name}>{name}</dt>
      <dd className={classes.value} data-tone={tone}>
        {value}
      </dd>
      {change ? (
        <dd
          className={classes.change}
          data-meaning={change.meaning}
          title="Against the period of the same length before"
        >
          {changeText(change.ratio)}
          <span className="visually-hidden"> against the period before</span>
        </dd>
      ) : null}
      <dd className={classes.detail}>{detail}</dd>
      <dd className={classes.spark}>{spark ? <SparkLine spark={spark} /> : null}</dd>
    </div>
  );
}

function changeText(ratio: number): string {
  if (Math.abs(ratio) < 0.0005) return '±0 %';
  if (ratio >= 10) return `×${Math.round(ratio + 1).toLocaleString('en-US')}`;
  return `${ratio > 0 ? '+' : ''}${shareText(ratio)}`;
}
