import { parseAsNativeArrayOf, parseAsString, parseAsStringLiteral } from 'nuqs';
import { LANES, REQUEST_STATES } from '@/lib/core/request-states';

/** The explorer's filters as they stand in the URL: repeated parameters, as the API takes them. */
export const requestParams = {
  model: parseAsNativeArrayOf(parseAsString),
  lane: parseAsNativeArrayOf(parseAsStringLiteral(LANES)),
  key: parseAsNativeArrayOf(parseAsString),
  tag: parseAsNativeArrayOf(parseAsString),
  status: parseAsNativeArrayOf(parseAsStringLiteral(REQUEST_STATES)),
  q: parseAsString.withDefault(''),
};
