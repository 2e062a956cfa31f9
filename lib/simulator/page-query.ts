import { invalid } from './api-error';

/** A page of a list: everything newest first; after is older, before is newer (Pagination). */
interface PageQuery {
  readonly limit: number;
  readonly afterId: string | null;
  readonly beforeId: string | null;
}

/** @throws ApiError 400 for a limit outside 1..1000, or for both cursors at once */
export function readPage(query: URLSearchParams): PageQuery {
  const text = query.get('limit') ?? '20';
  const limit = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(limit))
    throw invalid('limit: Input should be a valid integer, unable to parse string as an integer');
  if (limit < 1) throw invalid('limit: Input should be greater than or equal to 1');
  if (limit > 1000) throw invalid('limit: Input should be less than or equal to 1000');
  const afterId = query.get('after_id') || null;
  const beforeId = query.get('before_id') || null;
  if (afterId !== null && beforeId !== null) throw invalid('only one of after_id and before_id may be given');
  return { limit, afterId, beforeId };
}
