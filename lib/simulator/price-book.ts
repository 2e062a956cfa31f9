/** Picodollars per token: 1 $/MTok is 1,000,000 of them, so every published price and its half are integers. */
interface TokenPrices {
  readonly input: bigint;
  readonly output: bigint;
  readonly cacheWrite5m: bigint;
  readonly cacheWrite1h: bigint;
  readonly cacheRead: bigint;
}

interface PriceRow {
  readonly model: string;
  /** First day (UTC) on which the row holds. */
  readonly from: string;
  readonly prices: TokenPrices;
  /** Prices of the whole request when its full prompt is over `threshold` tokens. */
  readonly longContext?: { readonly threshold: number; readonly prices: TokenPrices };
  /** Price factor of `speed: "fast"` where the model has it. */
  readonly fastFactor?: bigint;
}

/** Arguments in $/MTok, as the pricing page prints them. */
function perMTok(input: number, output: number, write5m: number, write1h: number, read: number): TokenPrices {
  const pico = (dollars: number) => BigInt(Math.round(dollars * 1_000_000));
  return {
    input: pico(input),
    output: pico(output),
    cacheWrite5m: pico(write5m),
    cacheWrite1h: pico(write1h),
    cacheRead: pico(read),
  };
}

/** Ten dollars per thousand searches; never discounted. */
export const WEB_SEARCH_PICO_USD = 10_000_000_000n;

const LAUNCH = '2025-01-01';

/** Dated prices, the newest first for each model (pricing page and release notes, read 2026-11-22). */
const PRICE_ROWS: readonly PriceRow[] = [
  { model: 'claude-fable-5-2', from: LAUNCH, prices: perMTok(8, 40, 10, 16, 0.2) },
  { model: 'claude-mythos-5-2', from: LAUNCH, prices: perMTok(8, 40, 10, 16, 0.2) },
  { model: 'claude-fable-5-1', from: LAUNCH, prices: perMTok(10, 50, 12.5, 20, 0.25) },
  { model: 'claude-mythos-5-1', from: LAUNCH, prices: perMTok(10, 50, 12.5, 20, 0.25) },
  { model: 'claude-fable-5', from: LAUNCH, prices: perMTok(10, 50, 12.5, 20, 1) },
  { model: 'claude-mythos-5', from: LAUNCH, prices: perMTok(10, 50, 12.5, 20, 1) },
  { model: 'claude-opus-5-5', from: LAUNCH, prices: perMTok(4, 20, 5, 8, 0.2), fastFactor: 2n },
  { model: 'claude-opus-5', from: LAUNCH, prices: perMTok(5, 25, 6.25, 10, 0.5), fastFactor: 2n },
  { model: 'claude-opus-4-8', from: LAUNCH, prices: perMTok(5, 25, 6.25, 10, 0.5), fastFactor: 2n },
  { model: 'claude-opus-4-7', from: LAUNCH, prices: perMTok(5, 25, 6.25, 10, 0.5) },
  { model: 'claude-opus-4-6', from: LAUNCH, prices: perMTok(5, 25, 6.25, 10, 0.5) },
  { model: 'claude-opus-4-5-20251101', from: LAUNCH, prices: perMTok(5, 25, 6.25, 10, 0.5) },
  { model: 'claude-sonnet-5-5', from: '2026-10-07', prices: perMTok(2, 10, 2.5, 4, 0.1) },
  { model: 'claude-sonnet-5-5', from: LAUNCH, prices: perMTok(2, 10, 2.5, 4, 0.2) },
  { model: 'claude-sonnet-5', from: LAUNCH, prices: perMTok(2, 10, 2.5, 4, 0.2) },
  { model: 'claude-sonnet-4-6', from: LAUNCH, prices: perMTok(3, 15, 3.75, 6, 0.3) },
  { model: 'claude-sonnet-4-5-20250929', from: LAUNCH, prices: perMTok(3, 15, 3.75, 6, 0.3) },
  {
    model: 'claude-haiku-5-5',
    from: LAUNCH,
    prices: perMTok(0.1, 0.5, 0.125, 0.2, 0.01),
    longContext: { threshold: 100_000, prices: perMTok(0.5, 2.5, 0.625, 1, 0.05) },
  },
  { model: 'claude-haiku-4-5-20251001', from: LAUNCH, prices: perMTok(1, 5, 1.25, 2, 0.1) },
];

type TimedRow = PriceRow & { readonly fromMs: number };

const ROWS_BY_MODEL: ReadonlyMap<string, readonly TimedRow[]> = new Map(
  PRICE_ROWS.map(({ model }) => [
    model,
    PRICE_ROWS.filter((row) => row.model === model).map((row) => ({ ...row, fromMs: Date.parse(row.from) })),
  ]),
);

/**
 * The prices of one request, before the batch and geography factors.
 *
 * @param promptTokens - full prompt: fresh input, cache writes and cache reads together
 * @param atMs - when the request was billed, for dated prices
 * @returns `null` for a model without a published price
 */
export function pricesFor(model: string, promptTokens: number, fast: boolean, atMs: number): TokenPrices | null {
  const row = ROWS_BY_MODEL.get(model)?.find((candidate) => candidate.fromMs <= atMs);
  if (row === undefined) return null;
  const prices =
    row.longContext !== undefined && promptTokens > row.longContext.threshold ? row.longContext.prices : row.prices;
  const factor = fast ? (row.fastFactor ?? 1n) : 1n;
  if (factor === 1n) return prices;
  return {
    input: prices.input * factor,
    output: prices.output * factor,
    cacheWrite5m: prices.cacheWrite5m * factor,
    cacheWrite1h: prices.cacheWrite1h * factor,
    cacheRead: prices.cacheRead * factor,
  };
}
