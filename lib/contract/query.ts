import { z } from 'zod';
import { LANES } from '@/lib/core/request-states';
import { isTimeZone, parseMoment } from '@/lib/core/time-range';

/** Query pieces that several doors share. Repeated filters mean "or". */
export const TimeZone = z.string().max(64).refine(isTimeZone, 'must be an IANA time zone').default('UTC');

export const Moment = z
  .string()
  .max(40)
  .refine((text) => parseMoment(text, new Date(0)) !== null, 'must be ISO-8601 or relative, such as now-6h');

export const Range = z.strictObject({ from: Moment.default('now-24h'), to: Moment.default('now'), tz: TimeZone });

export const Many = z.array(z.string().min(1).max(200)).max(50).default([]);

/** What sums of money can be narrowed to; names of keys. */
export const Narrowed = Range.extend({ model: Many, lane: z.array(z.enum(LANES)).default([]), key: Many });

/** USD as a plain decimal string. */
export const Usd = z.string();
export const Instant = z.iso.datetime();
