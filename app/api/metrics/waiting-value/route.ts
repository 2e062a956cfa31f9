import { methods, route } from '@/app/_server';
import { rangeOf, upstreamOf } from '@/app/api/_door/scope';
import { DOORS } from '@/lib/contract/doors';
import { readWaitingValue } from '@/lib/store/metrics-waiting-value';

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = methods({
  GET: route(DOORS['GET /api/metrics/waiting-value'], async ({ deps, query, now }) => {
    const scope = { upstream: upstreamOf(deps), range: rangeOf(query, now), models: query.model };
    return readWaitingValue(deps.pools.analytics, scope, (model) => deps.prices.book.priceAt(model, now));
  }),
});
