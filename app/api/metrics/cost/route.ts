import { methods, route } from '@/app/_server';
import { narrowedSeriesOf } from '@/app/api/_door/scope';
import { DOORS } from '@/lib/contract/doors';
import { DAY_MS } from '@/lib/core/duration';
import { ApiError } from '@/lib/core/errors';
import { readCost } from '@/lib/store/metrics-cost';
import { isNarrowed } from '@/lib/store/metrics-scope';

/** Of tags there are no sums by model, lane or key: raw rows tell. */
const MOST_READ_MS = 2 * DAY_MS;

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = methods({
  GET: route(DOORS['GET /api/metrics/cost'], async ({ deps, query, now }) => {
    const asked = { ...narrowedSeriesOf(deps, query, now), groupBy: query.groupBy };
    const isLong = asked.range.to.getTime() - asked.range.from.getTime() > MOST_READ_MS;
    if (query.groupBy.startsWith('tag.') && isNarrowed(asked) && isLong) {
      const message = 'by tag and narrowed by model, lane or key, at most two days can be read';
      throw new ApiError('invalid_request_error', `groupBy: ${message}`, { errors: [{ path: 'groupBy', message }] });
    }
    return readCost(deps.pools.analytics, asked);
  }),
});
