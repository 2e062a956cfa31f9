'use client';

import { useQueryStates } from 'nuqs';
import { filterParams, type PageRange } from '@/app/_data/page-range';
import { NO_FILTERS } from '@/app/_data/requests';
import { LANES } from '@/lib/core/request-states';
import classes from './page-filters.module.css';
import { FacetMenu } from './requests/facet-menu';

interface PageFiltersProps {
  range: PageRange;
  /** Those that the page's figures follow. */
  of: readonly ('model' | 'lane' | 'key')[];
}

/** The filters that go along from page to page, with how many requests each value would leave. */
export function PageFilters({ range, of }: PageFiltersProps) {
  const [filters, set] = useQueryStates(filterParams, { history: 'push' });
  const shared = { range, filters: { ...NO_FILTERS, ...filters }, align: 'end' as const };
  return (
    <search className={classes.filters} aria-label="Filters">
      {of.includes('model') ? (
        <FacetMenu
          name="Model"
          facet="model"
          {...shared}
          value={filters.model}
          onChange={(model) => void set({ model: model.length > 0 ? model : null })}
        />
      ) : null}
      {of.includes('lane') ? (
        <FacetMenu
          name="Lane"
          facet="lane"
          known={LANES}
          {...shared}
          value={filters.lane}
          onChange={(picked) => {
            const lane = LANES.filter((one) => picked.includes(one));
            void set({ lane: lane.length > 0 ? lane : null });
          }}
        />
      ) : null}
      {of.includes('key') ? (
        <FacetMenu
          name="Key"
          facet="key"
          {...shared}
          value={filters.key}
          onChange={(key) => void set({ key: key.length > 0 ? key : null })}
        />
      ) : null}
    </search>
  );
}
