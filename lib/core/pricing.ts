import { type PicoUsd, scale } from './money';
import { type BilledUsage, promptTokens } from './usage';

/** Price of one token of each kind, in picodollars. */
export interface TokenPrices {
  input: PicoUsd;
  output: PicoUsd;
  cacheWrite5m: PicoUsd;
  cacheWrite1h: PicoUsd;
  cacheRead: PicoUsd;
}

/** One dated price row: in force for calls that arrive at or after `effectiveFrom`, until the model's next row. */
export interface PriceRow {
  id: number;
  model: string;
  aliases: readonly string[];
  effectiveFrom: Date;
  base: TokenPrices;
  /** Above `threshold` prompt tokens the whole request, output too, is billed at these. */
  longContext: { threshold: number; prices: TokenPrices } | null;
  /** Share of every token price that a batch pays, as a fraction of 1,000. */
  batchPermille: number;
  /** What `inference_geo: "us"` multiplies token prices by, as a fraction of 1,000; `null`: never offered. */
  geoUsPermille: number | null;
  webSearch: PicoUsd;
}

/** The exact cost of one upstream attempt. Rounding, half up, can only occur below a picodollar. */
export function costOf(row: PriceRow, { tokens, ...terms }: Omit<BilledUsage, 'atListPrice'>): PicoUsd {
  const long = row.longContext && promptTokens(tokens) > row.longContext.threshold ? row.longContext.prices : null;
  const price = long ?? row.base;
  const full =
    BigInt(tokens.input) * price.input +
    BigInt(tokens.output) * price.output +
    BigInt(tokens.cacheWrite5m) * price.cacheWrite5m +
    BigInt(tokens.cacheWrite1h) * price.cacheWrite1h +
    BigInt(tokens.cacheRead) * price.cacheRead;
  const batch = terms.batch ? BigInt(row.batchPermille) : 1000n;
  const geo = terms.geo === 'us' && row.geoUsPermille !== null ? BigInt(row.geoUsPermille) : 1000n;
  return scale(full, batch * geo, 1_000_000n) + BigInt(tokens.webSearches) * row.webSearch;
}

/** Every dated row, looked up by model id or alias and moment of arrival. Immutable: a change makes a new book. */
export class PriceBook {
  readonly #rows = new Map<string, PriceRow[]>();

  constructor(rows: readonly PriceRow[]) {
    // Rows of one moment: the younger row (larger id) is the correction of the older one, so it wins.
    const newestFirst = [...rows].sort((a, b) => b.effectiveFrom.getTime() - a.effectiveFrom.getTime() || b.id - a.id);
    for (const row of newestFirst) {
      for (const name of [row.model, ...row.aliases]) {
        const listed = this.#rows.get(name);
        if (listed) listed.push(row);
        else this.#rows.set(name, [row]);
      }
    }
  }

  /** The row in force for `model` at `at`, or `null`: an unknown model is never priced by a similar name. */
  priceAt(model: string, at: Date): PriceRow | null {
    return this.#rows.get(model)?.find((row) => row.effectiveFrom <= at) ?? null;
  }

  isKnown(model: string): boolean {
    return this.#rows.has(model);
  }

  /** The other model that has `name` as an alias, or `null`. */
  modelOfAlias(name: string): string | null {
    const rows = this.#rows.get(name) ?? [];
    return rows.some(({ model }) => model === name) ? null : (rows[0]?.model ?? null);
  }

  /** There is a row of this very name, not only an alias. */
  isModel(name: string): boolean {
    return this.#rows.get(name)?.some(({ model }) => model === name) ?? false;
  }
}
