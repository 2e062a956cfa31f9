import { createParser, parseAsNativeArrayOf, parseAsString } from 'nuqs';
import { formatTolerance } from '@/lib/core/duration';
import { deadlineParam } from '@/lib/core/series/deadline';

/** As in a header: `10m`. */
const parseAsDeadline = createParser({ parse: deadlineParam, serialize: formatTolerance });

export const latencyParams = {
  model: parseAsNativeArrayOf(parseAsString),
  deadline: parseAsDeadline.withDefault(600_000),
};
