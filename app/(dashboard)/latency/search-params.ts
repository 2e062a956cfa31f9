import { createParser } from 'nuqs';
import { deadlineText, readDeadline } from '@/lib/core/series/deadline';

/** As in a header: `10m`. */
const parseAsDeadline = createParser({ parse: readDeadline, serialize: deadlineText });

export const latencyParams = {
  deadline: parseAsDeadline.withDefault(600_000),
};
