import { z } from 'zod';
import { Instant } from './query';

/** USD per million tokens, at most four decimals: then every discount is exact in picodollars. */
const PerMtok = z
  .string()
  .regex(/^\d{1,6}(\.\d{1,4})?$/, 'must be a plain decimal of USD per million tokens with at most four decimals');

const Rates = {
  input: PerMtok,
  output: PerMtok,
  cacheWrite5m: PerMtok,
  cacheWrite1h: PerMtok,
  cacheRead: PerMtok,
};

/** `PUT /api/prices`: adds one dated row. Earlier rows stay as they are, and so do the costs they priced. */
export const PriceRequest = z.strictObject({
  model: z.string().trim().min(1).max(120),
  aliases: z.array(z.string().trim().min(1).max(120)).max(10).default([]),
  effectiveFrom: Instant.refine((at) => at >= '1970', 'must not lie before 1970'),
  ...Rates,
  longContext: z
    .strictObject({ threshold: z.number().int().positive().max(2_147_483_647), ...Rates })
    .nullable()
    .default(null),
  /** Share of every token price that a batch pays. */
  batchDiscount: z.number().min(0).max(1).multipleOf(0.001).default(0.5),
  /** What `inference_geo: "us"` multiplies token prices by; `null` where it is not offered. */
  geoUsMultiplier: z.number().min(1).max(5).multipleOf(0.001).nullable().default(1.1),
  /** USD per 1,000 web searches. */
  webSearch: PerMtok.default('10'),
  source: z.string().trim().min(1).max(300),
});
export type PriceRequest = z.infer<typeof PriceRequest>;

export const Price = PriceRequest.extend({
  id: z.number().int(),
  createdAt: Instant,
  createdBy: z.string(),
  /** In force now for its model. */
  current: z.boolean(),
});
export type Price = z.infer<typeof Price>;

export const PriceList = z.object({
  prices: z.array(Price),
  /** Models seen in the last 30 days that no row prices. */
  unpriced: z.array(z.object({ model: z.string(), requests: z.number().int() })),
});
export type PriceList = z.infer<typeof PriceList>;
