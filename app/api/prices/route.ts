import { methods, route } from '@/app/_server';
import { announce } from '@/app/api/_door/announce';
import { audit } from '@/app/api/_door/audit';
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

  PUT: route(DOORS['PUT /api/prices'], async (call) => {
    const { deps, body, operator, now } = call;
    const price = await addPrice(deps.pools.admin, body, operator.name, now);
    await audit(call, { action: 'price.add', object: price.model, after: price });
    await announce(deps, 'prices');
    return price;
  }),
});
