import { z } from 'zod';

/**
 * The `usage` object of a Message, as far as money needs it. Everything else that upstream says is kept in the raw
 * object beside it. Source: Messages API, response `usage`.
 */
const count = z.number().int().nonnegative().nullish();

const RawUsage = z.looseObject({
  input_tokens: count,
  output_tokens: count,
  cache_creation_input_tokens: count,
  cache_read_input_tokens: count,
  cache_creation: z.looseObject({ ephemeral_5m_input_tokens: count, ephemeral_1h_input_tokens: count }).nullish(),
  server_tool_use: z.looseObject({ web_search_requests: count }).nullish(),
  service_tier: z.string().nullish(),
  inference_geo: z.string().nullish(),
  speed: z.string().nullish(),
});

/** Billable quantities. Prompt tokens = input + cacheRead + cacheWrite5m + cacheWrite1h; `input` excludes the cached ones. */
export interface TokenCounts {
  input: number;
  output: number;
  cacheRead: number;
  cacheWrite5m: number;
  cacheWrite1h: number;
  webSearches: number;
}

export const NO_TOKENS: TokenCounts = {
  input: 0,
  output: 0,
  cacheRead: 0,
  cacheWrite5m: 0,
  cacheWrite1h: 0,
  webSearches: 0,
};

/** A usage object as a bill: quantities, and what of the answer decides their price. */
export interface BilledUsage {
  tokens: TokenCounts;
  /** Served by a batch, by upstream's own word. */
  batch: boolean;
  geo: string | null;
  /** `false`: priority tier or fast mode, which no price row describes; their cost would be a guess. */
  atListPrice: boolean;
}

/** What upstream's usage bills, or `null` when it is not a usage object. */
export function readUsage(raw: unknown): BilledUsage | null {
  const parsed = RawUsage.safeParse(raw);
  if (!parsed.success) return null;
  const usage = parsed.data;
  const split = usage.cache_creation;
  return {
    tokens: {
      input: usage.input_tokens ?? 0,
      output: usage.output_tokens ?? 0,
      cacheRead: usage.cache_read_input_tokens ?? 0,
      // Without the split by TTL every written token is a 5-minute one: that is the API's default TTL.
      cacheWrite5m: split ? (split.ephemeral_5m_input_tokens ?? 0) : (usage.cache_creation_input_tokens ?? 0),
      cacheWrite1h: split?.ephemeral_1h_input_tokens ?? 0,
      webSearches: usage.server_tool_use?.web_search_requests ?? 0,
    },
    batch: usage.service_tier === 'batch',
    geo: usage.inference_geo ?? null,
    atListPrice: usage.service_tier !== 'priority' && usage.speed !== 'fast',
  };
}

export function promptTokens(tokens: TokenCounts): number {
  return tokens.input + tokens.cacheRead + tokens.cacheWrite5m + tokens.cacheWrite1h;
}
