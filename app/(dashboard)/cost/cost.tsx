'use client';

import { usePageRange } from '@/app/_data/page-range';
import { PageFilters } from '@/app/_ui/page-filters';
import classes from './cost.module.css';
import { CostTiles } from './cost-tiles';
import { ModelCosts } from './model-costs';
import { MonthPanel } from './month-panel';
import { SavingsPanel } from './savings-panel';
import { SpendPanel } from './spend-panel';
import { TokensPanel } from './tokens-panel';

/** What it cost, for whom, what batching saved of it, and where it leads to. */
export function Cost() {
  const range = usePageRange();
  return (
    <>
      <header className={classes.head}>
        <h1>Cost</h1>
        <PageFilters range={range} of={['model', 'lane', 'key']} />
      </header>
      <div className={classes.grid}>
        <div className={classes.full}>
          <CostTiles range={range} />
        </div>
        <div className={classes.wide}>
          <SpendPanel range={range} onZoom={range.zoom} />
        </div>
        <div className={classes.narrow}>
          <MonthPanel range={range} />
        </div>
        <div className={classes.half}>
          <SavingsPanel range={range} onZoom={range.zoom} />
        </div>
        <div className={classes.half}>
          <TokensPanel range={range} onZoom={range.zoom} />
        </div>
        <div className={classes.full}>
          <ModelCosts range={range} />
        </div>
      </div>
    </>
  );
}
