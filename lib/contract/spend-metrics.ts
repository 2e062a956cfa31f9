import { z } from 'zod';
import { BUCKETS } from '@/lib/core/time-range';
import { Instant, Narrowed, Usd } from './query';

const count = z.number().int();

/** `GET /api/metrics/savings`: money of each bucket against all sync, by arrival. Unpriced requests are in none of it. */
export const SavingsQuery = Narrowed.extend({ bucket: z.enum(BUCKETS).optional() });
export const SavingsAnswer = z.object({
  bucket: z.enum(BUCKETS),
  buckets: z.array(
    z.object({
      at: Instant,
      requests: count,
      unpriced: count,
      costUsd: Usd,
      syncCostUsd: Usd,
      /** Sync cost − cost: waste is subtracted already; may be negative. */
      savedUsd: Usd,
      wasteUsd: Usd,
    }),
  ),
});
export type SavingsAnswer = z.infer<typeof SavingsAnswer>;

/** Billed tokens of all attempts, delivered or not. Prompt tokens = input + cache reads + cache writes. */
const Tokens = z.object({
  input: count,
  output: count,
  cacheRead: count,
  cacheWrite5m: count,
  cacheWrite1h: count,
});
export type Tokens = z.infer<typeof Tokens>;

/** `GET /api/metrics/tokens`: by arrival of their request. */
export const TokensQuery = Narrowed.extend({ bucket: z.enum(BUCKETS).optional() });
export const TokensAnswer = z.object({
  bucket: z.enum(BUCKETS),
  buckets: z.array(z.object({ at: Instant, tokens: Tokens })),
  byModel: z.array(
    z.object({
      model: z.string(),
      requests: count,
      /** Of which so many have no price: their tokens are in `tokens`, but not in `pricedTokens`. */
      unpriced: count,
      costUsd: Usd,
      tokens: Tokens,
      pricedTokens: count,
    }),
  ),
});
export type TokensAnswer = z.infer<typeof TokensAnswer>;
