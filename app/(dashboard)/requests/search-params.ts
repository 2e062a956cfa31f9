import { parseAsArrayOf, parseAsNativeArrayOf, parseAsString, parseAsStringLiteral } from 'nuqs';
import { filterParams } from '@/app/_data/page-range';
import { LANES, REQUEST_ORDERS, REQUEST_STATES } from '@/lib/core/request-states';

/** The explorer's filters and order as they stand in the URL: repeated parameters, as the API takes them. */
export const requestParams = {
  ...filterParams,
  served: parseAsNativeArrayOf(parseAsStringLiteral(LANES)),
  rule: parseAsNativeArrayOf(parseAsString),
  tag: parseAsNativeArrayOf(parseAsString),
  error: parseAsNativeArrayOf(parseAsString),
  status: parseAsNativeArrayOf(parseAsStringLiteral(REQUEST_STATES)),
  q: parseAsString.withDefault(''),
  order: parseAsStringLiteral(REQUEST_ORDERS).withDefault('newest'),
};

/** Columns of a link or a saved view; without them those of this browser are shown. */
export const columnParams = { columns: parseAsArrayOf(parseAsString) };
