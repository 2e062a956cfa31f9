import { z } from 'zod';

/**
 * The `usage` object of a Message, as far as money needs it. Everything else that upstream says is kept in the raw
 * object beside it. Source: Messages API, response `usage`.
 */
const count = z.number().int().nonnegative().nullish();

export const RawUsage = z.looseObject({
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
export type RawUsage = z.infer<typeof RawUsage>;

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

/** What upstream's usage bills, or `null` when it is not a usage object. */
export function tokenCounts(raw: unknown): TokenCounts | null {
  const parsed = RawUsage.safeParse(raw);
  if (!parsed.success) return null;
  const usage = parsed.data;
  const split = usage.cache_creation;
  // Without the split by TTL every written token is a 5-minute one: that is the API's default TTL.
  const write1h = split?.ephemeral_1h_input_tokens ?? 0;
  const write5m = split ? (split.ephemeral_5m_input_tokens ?? 0) : (usage.cache_creation_input_tokens ?? 0);
  return {
    input: usage.input_tokens ?? 0,
    output: usage.output_tokens ?? 0,
    cacheRead: usage.cache_read_input_tokens ?? 0,
    cacheWrite5m: write5m,
    cacheWrite1h: write1h,
    webSearches: usage.server_tool_use?.web_search_requests ?? 0,
  };
}

export function promptTokens(tokens: TokenCounts): number {
  return tokens.input + tokens.cacheRead + tokens.cacheWrite5m + tokens.cacheWrite1h;
}
