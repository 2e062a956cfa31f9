import { z } from 'zod';
import { Instant } from './query';

/** What the page of requests has in its address: its filters, order, columns and range. */
export const VIEW_PARAMETERS = [
  'from',
  'to',
  'tz',
  'model',
  'lane',
  'served',
  'key',
  'rule',
  'tag',
  'error',
  'status',
  'q',
  'order',
  'columns',
] as const;

const known: readonly string[] = VIEW_PARAMETERS;

/** `PUT /api/views`. */
export const SavedViewRequest = z.strictObject({
  name: z
    .string()
    .trim()
    .min(1)
    .max(60)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly those are refused
    .regex(/^[^\x00-\x1f\x7f]*$/, 'must not hold control characters'),
  /** `status=failed&order=cost`: parameters of the page of requests alone. */
  query: z
    .string()
    .max(4_000)
    .refine((text) => !/[#\s]/.test(text), 'must be the query of an address')
    .refine(
      (text) => [...new URLSearchParams(text).keys()].every((name) => known.includes(name)),
      `may only hold ${VIEW_PARAMETERS.join(', ')}`,
    ),
  shared: z.boolean().default(false),
});
export type SavedViewRequest = z.input<typeof SavedViewRequest>;

export const SavedView = z.object({
  id: z.string(),
  name: z.string(),
  query: z.string(),
  shared: z.boolean(),
  /** Whether it is the asking operator's. */
  own: z.boolean(),
  /** Name of the operator. */
  owner: z.string(),
  updatedAt: Instant,
});
export type SavedView = z.infer<typeof SavedView>;

export const SavedViewList = z.object({ views: z.array(SavedView) });
export type SavedViewList = z.infer<typeof SavedViewList>;
