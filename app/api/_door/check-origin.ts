import { ApiError } from '@/lib/core/errors';
import type { Deps } from '@/lib/deps';

const SAFE_METHODS = new Set(['GET', 'HEAD']);

/**
 * Against forged calls of a browser that holds the cookie: the page that makes an unsafe one must be ours.
 * @param mayLackOrigin a call that rests on no cookie may come from a script, which sends no `Origin`.
 * @throws ApiError `permission_error`, also for `Origin: null`.
 */
export function checkOrigin(
  request: Request,
  { adminOrigin, isOwnOrigin }: Pick<Deps, 'adminOrigin' | 'isOwnOrigin'>,
  mayLackOrigin: boolean,
): void {
  if (SAFE_METHODS.has(request.method)) return;
  const origin = request.headers.get('origin');
  const site = request.headers.get('sec-fetch-site');
  const isOurs = origin === null ? mayLackOrigin : isOwnOrigin(origin);
  if (isOurs && (site === null || site === 'same-origin')) return;
  throw new ApiError('permission_error', `This call must come from ${adminOrigin}; open Offpeak there`);
}
