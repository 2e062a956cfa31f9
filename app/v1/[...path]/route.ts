import { currentDeps } from '@/lib/deps';
import { WebExchange } from '@/lib/gateway/web-exchange';

export const dynamic = 'force-dynamic';

/** The proxy's door inside Next: the same handler as the listener's, which serves `/v1` unless told otherwise. */
function door(request: Request): Promise<Response> {
  const exchange = new WebExchange(request);
  void currentDeps().handle(exchange);
  return exchange.response;
}

export { door as DELETE, door as GET, door as HEAD, door as OPTIONS, door as PATCH, door as POST, door as PUT };
