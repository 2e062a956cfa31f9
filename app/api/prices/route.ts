import { methods, route } from '@/app/_server';
import { announce } from '@/app/api/_door/announce';
import { audit } from '@/app/api/_door/audit';
import { upstreamOf } from '@/app/api/_door/scope';
import { DOORS } from '@/lib/contract/doors';
import type { PriceRequest } from '@/lib/contract/prices';
import { ApiError } from '@/lib/core/errors';
import type { Deps } from '@/lib/deps';
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
    refuseTakenNames(deps, body);
    const price = await addPrice(deps.pools.admin, body, operator.name, now);
    await audit(call, { action: 'price.add', object: price.model, after: price });
    await announce(deps, 'prices');
    return price;
  }),
});

// Calls are billed under the name that upstream answers with, so a row that stands under another one would price nothing,
// and an alias that is a model of its own would price that one too.
function refuseTakenNames({ prices }: Deps, { model, aliases }: PriceRequest): void {
  const owner = prices.book.modelOfAlias(model);
  const taken = aliases.findIndex((alias) => alias !== model && prices.book.isModel(alias));
  const errors = [
    ...(owner === null ? [] : [{ path: 'model', message: `is an alias of ${owner}; add the row to that model` }]),
    ...(taken < 0 ? [] : [{ path: `aliases.${taken}`, message: 'is a model with rows of its own' }]),
  ];
  const [first] = errors;
  if (!first) return;
  throw new ApiError('invalid_request_error', `${first.path}: ${first.message}`, { status: 422, errors });
}
