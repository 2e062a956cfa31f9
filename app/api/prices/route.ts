import { methods, route } from '@/app/_server';
import { announce } from '@/app/api/_door/announce';
import { upstreamOf } from '@/app/api/_door/scope';
import { DOORS } from '@/lib/contract/doors';
import { unpricedModels } from '@/lib/store/metrics-unpriced';
import { addPrice, listPrices } from '@/lib/store/prices';

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = methods({
  GET: route(DOORS['GET /api/prices'], async ({ deps, now }) => {
    const [prices, unpriced] = await Promise.all([
      listPrices(deps.pools.admin, now),
      unpricedModels(deps.pools.analytics, upstreamOf(deps), deps.prices.book, now),
    ]);
    return { prices, unpriced };
  }),

  PUT: route(DOORS['PUT /api/prices'], async ({ deps, body, operator, now }) => {
    const price = await addPrice(deps.pools.admin, body, operator.name, now);
    deps.log.info({ operator: operator.name, price: price.id, model: price.model }, 'price row added');
    await announce(deps, 'prices');
    return price;
  }),
});
