import { z } from 'zod';
import { BUCKETS } from '@/lib/core/time-range';
import { VolumeAnswer } from './metrics';
import { Instant } from './query';
import { RequestsQuery } from './requests';

/** `GET /api/requests/facets`: the filters of the list. */
export const FacetsQuery = RequestsQuery.omit({ cursor: true, limit: true, order: true }).extend({
  /** What is counted only when it is asked for: no rollup knows it. */
  with: z.array(z.enum(['error', 'served'])).default([]),
});

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
  /** Types of errors, of the newest always: with `with=error`. */
  error: Facet.optional(),
  /** Lanes that answered, likewise: with `with=served`. */
  served: Facet.optional(),
});
export type FacetsAnswer = z.infer<typeof FacetsAnswer>;

/** `GET /api/requests/volume`: finished requests of the list's filters, and errors among them, in each bucket. */
export const FilteredVolumeQuery = FacetsQuery.omit({ with: true }).extend({ bucket: z.enum(BUCKETS).optional() });

export const FilteredVolumeAnswer = VolumeAnswer.extend({
  /** As of a facet. */
  basis: z.enum(['all', 'newest']),
  /** How many requests were counted. */
  requests: z.number().int(),
  /** Arrival of the oldest one that was counted where there are older ones that were not; `null`: all were. */
  since: Instant.nullable(),
});
export type FilteredVolumeAnswer = z.infer<typeof FilteredVolumeAnswer>;
