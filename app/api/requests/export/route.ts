import { methods, route } from '@/app/_server';
import { upstreamOf } from '@/app/api/_door/scope';
import { filterOf } from '@/app/api/requests/_filter-of';
import { highestOf } from '@/app/api/requests/_read-cursor';
import { DOORS } from '@/lib/contract/doors';
import { REQUEST_CSV_HEAD, requestCsvLine } from '@/lib/contract/request-csv';
import type { RequestRow } from '@/lib/contract/requests';
import { parseRequestId } from '@/lib/core/ids';
import type { Deps } from '@/lib/deps';
import { listRequests, type RequestPage } from '@/lib/store/requests';

const MOST_ROWS = 100_000;
const PAGE_ROWS = 1_000;
/** Of an order, as many as its list has. */
const MOST_ORDERED = 500;

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = methods({
  GET: route(DOORS['GET /api/requests/export'], async ({ deps, query, now, request, headers }) => {
    const highest = highestOf(query.order);
    const filter = filterOf(query, now);
    const list = (page: RequestPage) =>
      listRequests(deps.pools.analytics, {
        upstream: upstreamOf(deps),
        filter,
        open: deps.spool.shipper.openRecords(),
        page,
      });
    const first = await list({ cursor: null, limit: highest ? MOST_ORDERED : PAGE_ROWS, highest });
    headers.set('content-type', 'text/csv; charset=utf-8');
    headers.set('content-disposition', 'attachment; filename="offpeak-requests.csv"');
    // Compressed, it would be held back.
    headers.set('cache-control', 'no-store, no-transform');
    const pages = pagesAfter(first, (cursor) => list({ cursor, limit: PAGE_ROWS }));
    const body = request.method === 'HEAD' ? null : streamOf(csvOf(deps, pages, request.signal));
    return new Response(body, { headers });
  }),
});

type Page = Awaited<ReturnType<typeof listRequests>>;

/** Page by page, as the reader takes them. */
async function* pagesAfter(
  first: Page,
  next: (cursor: RequestPage['cursor']) => Promise<Page>,
): AsyncGenerator<readonly RequestRow[]> {
  let left = MOST_ROWS;
  for (let page = first; ; page = await next(parseRequestId(page.nextCursor ?? ''))) {
    yield page.rows.slice(0, left);
    left -= page.rows.length;
    if (page.nextCursor === null || left <= 0) return;
  }
}

// Its status is long sent when a later page fails: the file ends there, and the connection with it.
async function* csvOf(
  { log }: Deps,
  pages: AsyncIterable<readonly RequestRow[]>,
  signal: AbortSignal,
): AsyncGenerator<string> {
  yield REQUEST_CSV_HEAD;
  try {
    for await (const rows of pages) {
      if (signal.aborted) return;
      yield rows.map(requestCsvLine).join('');
    }
  } catch (error) {
    log.warn({ err: error }, 'an export of requests ended early');
    throw error;
  }
}

/** Asks for more only when what was given is taken. */
function streamOf(parts: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>({
    async pull(out) {
      const { value, done } = await parts.next();
      if (done) out.close();
      else out.enqueue(encoder.encode(value));
    },
    async cancel() {
      await parts.return(undefined);
    },
  });
}
