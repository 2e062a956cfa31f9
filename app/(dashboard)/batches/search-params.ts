import { parseAsNativeArrayOf, parseAsStringLiteral } from 'nuqs';
import { filterParams } from '@/app/_data/page-range';
import { BATCH_STATES } from '@/lib/core/lane-states';

/** The list's filters as they stand in the URL: repeated parameters, as the API takes them. */
export const batchParams = {
  state: parseAsNativeArrayOf(parseAsStringLiteral(BATCH_STATES)),
  model: filterParams.model,
};
