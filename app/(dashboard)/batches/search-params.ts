import { parseAsNativeArrayOf, parseAsString, parseAsStringLiteral } from 'nuqs';
import { BATCH_STATES } from '@/lib/core/lane-states';

/** The list's filters as they stand in the URL: repeated parameters, as the API takes them. */
export const batchParams = {
  state: parseAsNativeArrayOf(parseAsStringLiteral(BATCH_STATES)),
  model: parseAsNativeArrayOf(parseAsString),
};
