import type { ApiError } from '@/lib/core/errors';
import type { Uuid } from '@/lib/core/ids';
import { requestId } from '@/lib/core/ids';
import { errorEnvelope } from '@/lib/wire/error-envelope';
import type { HeaderPairs } from '@/lib/wire/headers';
import type { Exchange } from './exchange';

/** One of Offpeak's own errors, in the Messages API's envelope. */
export function answerError(exchange: Exchange, id: Uuid, error: ApiError, extra: HeaderPairs): void {
  const body = errorEnvelope(error, requestId(id));
  const out = exchange.respond(error.status, [
    ['content-type', 'application/json'],
    ['content-length', String(body.length)],
    ['request-id', requestId(id)],
    ...Object.entries(error.headers),
    ...extra,
  ]);
  if (exchange.method !== 'HEAD') out.write(body);
  out.end();
}
