import type { MessageUsage } from './message-usage';
import { pricesFor, WEB_SEARCH_PICO_USD } from './price-book';

/**
 * What one answer costs, in picodollars: token categories at list price, half for `service_tier: "batch"`, 1.1 times
 * for `inference_geo: "us"`, plus the searches.
 *
 * @param model - resolved model id
 * @param atMs - billing time, for dated prices
 * @returns `null` when the model has no published price
 */
export function billPicoUsd(model: string, usage: MessageUsage, atMs: number): bigint | null {
  const promptTokens = usage.input_tokens + usage.cache_creation_input_tokens + usage.cache_read_input_tokens;
  const prices = pricesFor(model, promptTokens, usage.speed === 'fast', atMs);
  if (prices === null) return null;
  let tokens =
    BigInt(usage.input_tokens) * prices.input +
    BigInt(usage.cache_creation.ephemeral_5m_input_tokens) * prices.cacheWrite5m +
    BigInt(usage.cache_creation.ephemeral_1h_input_tokens) * prices.cacheWrite1h +
    BigInt(usage.cache_read_input_tokens) * prices.cacheRead +
    BigInt(usage.output_tokens) * prices.output;
  if (usage.service_tier === 'batch') tokens /= 2n;
  if (usage.inference_geo === 'us') tokens = (tokens * 11n) / 10n;
  return tokens + BigInt(usage.server_tool_use?.web_search_requests ?? 0) * WEB_SEARCH_PICO_USD;
}
