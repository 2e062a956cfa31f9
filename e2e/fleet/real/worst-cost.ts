import { costOf, type PriceBook, type TokenPrices } from '@/lib/core/pricing';
import { NO_TOKENS } from '@/lib/core/usage';

/** What the API adds to a prompt by itself: framing, and the words that explain tools. */
const ADDED_TOKENS = 2_000;

/** A call that cannot be bounded, and why. */
export class UnboundedCall extends Error {}

/**
 * What one call can cost at most: every byte of its body a token at the dearest price that it could have, and an answer
 * as long as it allows. A token is at least one byte of text.
 * @throws UnboundedCall for what costs by other things than its text.
 */
export function worstCost(book: PriceBook, body: unknown, terms: { at: number; batch: boolean }): bigint {
  const params = asObject(body);
  const text = JSON.stringify(params);
  const row = book.priceAt(String(params.model), new Date(terms.at));
  if (!row) throw new UnboundedCall(`The model ${String(params.model)} has no known price.`);
  const { max_tokens: maxTokens } = params;
  if (typeof maxTokens !== 'number' || !(maxTokens > 0)) throw new UnboundedCall('The call has no max_tokens.');
  if (params.speed !== undefined || params.service_tier !== undefined || params.mcp_servers !== undefined) {
    throw new UnboundedCall('The call asks for more than text at list price.');
  }
  if (text.includes('"source"')) throw new UnboundedCall('The call has content that is not text.');
  const tools = Array.isArray(params.tools) ? params.tools.map(asObject) : [];
  if (tools.some(({ type }) => type !== undefined && type !== 'custom')) {
    throw new UnboundedCall('The call has tools that run at the API.');
  }
  const tokens = { ...NO_TOKENS, input: Buffer.byteLength(text) + ADDED_TOKENS, output: maxTokens };
  const isCached = text.includes('"cache_control"');
  const usage = { tokens, batch: terms.batch, geo: 'us' };
  const prices = [row.base, ...(row.longContext ? [row.longContext.prices] : [])];
  const costs = prices.map((base) => costOf({ ...row, base: dearest(base, isCached), longContext: null }, usage));
  return largest(costs);
}

function dearest(prices: TokenPrices, isCached: boolean): TokenPrices {
  const kinds = isCached ? [prices.input, prices.cacheWrite5m, prices.cacheWrite1h] : [prices.input];
  return { ...prices, input: largest(kinds) };
}

function largest(amounts: readonly bigint[]): bigint {
  let most = 0n;
  for (const amount of amounts) if (amount > most) most = amount;
  return most;
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
