import { z } from 'zod';
import { RequestsQuery } from './requests';

/** `GET /api/requests/facets`: the filters of the list. */
export const FacetsQuery = RequestsQuery.omit({ cursor: true, limit: true });

/**
 * How many requests of the range have each value, the most frequent first, at most a hundred of them. `all`: of every
 * one that the other filters let through. `newest`: of the newest 10,000 that all filters let through, found
 * among the newest 100,000.
 */
const Facet = z.object({
  basis: z.enum(['all', 'newest']),
  /** How many requests were counted. */
  requests: z.number().int(),
  values: z.array(z.object({ value: z.string(), requests: z.number().int() })),
});
export type Facet = z.infer<typeof Facet>;

/** Finished requests only. What has no model or key is not among the values; a tag's value is `name=value`. */
export const FacetsAnswer = z.object({
  model: Facet,
  lane: Facet,
  rule: Facet,
  key: Facet,
  status: Facet,
  tag: Facet,
});
export type FacetsAnswer = z.infer<typeof FacetsAnswer>;
