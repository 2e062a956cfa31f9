import { methods, route } from '@/app/_server';
import { rangeOf, upstreamOf } from '@/app/api/_door/scope';
import { readDocument } from '@/app/api/policy/_read-document';
import { DOORS } from '@/lib/contract/doors';
import { eventStream } from './_event-stream';

/** Without events nobody waits longer. */
const DEADLINE_MS = 120_000;

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = methods({
  POST: route(
    DOORS['POST /api/policy/backtest'],
    async ({ deps, body, now, request }) => {
      const job = {
        document: readDocument(body.document),
        upstream: upstreamOf(deps),
        range: rangeOf({ ...body, tz: 'UTC' }, now),
        now: now.getTime(),
      };
      if (request.headers.get('accept')?.includes('text/event-stream')) {
        return eventStream(deps, request, (signal, onProgress) => deps.backtest(job, { signal, onProgress }));
      }
      const deadline = AbortSignal.timeout(DEADLINE_MS);
      const signal = AbortSignal.any([request.signal, deadline]);
      return deps.backtest(job, { signal, onProgress: () => undefined });
    },
    DEADLINE_MS,
  ),
});
