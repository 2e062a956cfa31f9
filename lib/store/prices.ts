import { asc, desc, sql } from 'drizzle-orm';
import type { Price, PriceRequest } from '@/lib/contract/prices';
import { formatUsd, type PicoUsd, parseUsd } from '@/lib/core/money';
import { PriceBook, type PriceRow, type TokenPrices } from '@/lib/core/pricing';
import type { Database } from './connect';
import { prices } from './schema';
import shippedPrices from './shipped-prices.json' with { type: 'json' };

/** `createdBy` of rows that come with Offpeak; no operator may have this name. */
const SHIPPED_BY = 'offpeak';

const TOKENS_PER_MTOK = 1_000_000n;

type Stored = typeof prices.$inferSelect;

/**
 * Adds the rows that come with this release and are not there yet; may run in several replicas at once. What is there is
 * never rewritten, so a price that changes is shipped as a further row with its own `effectiveFrom`.
 */
export async function seedShippedPrices(db: Database): Promise<void> {
  const rows = shippedPrices.map((row) => ({ ...toColumns(row), createdBy: SHIPPED_BY }));
  await db
    .insert(prices)
    .values(rows)
    .onConflictDoNothing({
      target: [prices.model, prices.effectiveFrom],
      where: sql`created_by = 'offpeak'`,
    });
}

export async function loadPriceBook(db: Database): Promise<PriceBook> {
  const rows = await db.select().from(prices);
  return new PriceBook(rows.map(toPriceRow));
}

/** The rows that come with Offpeak, where there is no database. */
export function shippedPriceBook(): PriceBook {
  const createdAt = new Date(0);
  const stored = shippedPrices.map((row, i) => ({ ...toColumns(row), id: i + 1, createdAt, createdBy: SHIPPED_BY }));
  return new PriceBook(stored.map(toPriceRow));
}

/**
 * The book as it was known at a moment (Unix ms): a row that was added later had no part in what was decided then. Those
 * that Offpeak ships count as always known.
 */
export async function loadPriceHistory(db: Database): Promise<(at: number) => PriceBook> {
  const rows = await db.select().from(prices);
  const epochs = [...new Set(rows.filter((row) => row.createdBy !== SHIPPED_BY).map((row) => row.createdAt.getTime()))];
  epochs.sort((a, b) => a - b);
  const books = [Number.NEGATIVE_INFINITY, ...epochs].map((since) => {
    const known = rows.filter((row) => row.createdBy === SHIPPED_BY || row.createdAt.getTime() <= since);
    return { since, book: new PriceBook(known.map(toPriceRow)) };
  });
  return (at) => books.findLast(({ since }) => since <= at)?.book ?? new PriceBook([]);
}

/** Every dated row: by model, the newest first. */
export async function listPrices(db: Database, now: Date): Promise<Price[]> {
  const rows = await db.select().from(prices).orderBy(asc(prices.model), desc(prices.effectiveFrom), desc(prices.id));
  const book = new PriceBook(rows.map(toPriceRow));
  return rows.map((row) => toPrice(row, book.priceAt(row.model, now)?.id === row.id));
}

/** Adds one dated row; earlier ones, and the costs that they priced, stay. */
export async function addPrice(db: Database, price: PriceRequest, createdBy: string, now: Date): Promise<Price> {
  const [row] = await db
    .insert(prices)
    .values({ ...toColumns(price), createdBy })
    .returning({ id: prices.id });
  const added = (await listPrices(db, now)).find((listed) => listed.id === row?.id);
  if (!added) throw new Error('a price row vanished between insert and select');
  return added;
}

function toColumns(price: PriceRequest) {
  const long = price.longContext;
  return {
    model: price.model,
    aliases: [...price.aliases],
    effectiveFrom: new Date(price.effectiveFrom),
    input: perToken(price.input),
    output: perToken(price.output),
    cacheWrite5m: perToken(price.cacheWrite5m),
    cacheWrite1h: perToken(price.cacheWrite1h),
    cacheRead: perToken(price.cacheRead),
    longThreshold: long?.threshold ?? null,
    longInput: long && perToken(long.input),
    longOutput: long && perToken(long.output),
    longCacheWrite5m: long && perToken(long.cacheWrite5m),
    longCacheWrite1h: long && perToken(long.cacheWrite1h),
    longCacheRead: long && perToken(long.cacheRead),
    batchPermille: Math.round(price.batchDiscount * 1000),
    geoUsPermille: price.geoUsMultiplier === null ? null : Math.round(price.geoUsMultiplier * 1000),
    // The request says USD per 1,000 searches.
    webSearch: usd(price.webSearch) / 1000n,
    source: price.source,
  };
}

function toPriceRow(row: Stored): PriceRow {
  const { id, model, aliases, effectiveFrom, batchPermille, geoUsPermille, webSearch } = row;
  const { input, output, cacheWrite5m, cacheWrite1h, cacheRead } = row;
  const base = { input, output, cacheWrite5m, cacheWrite1h, cacheRead };
  return {
    id,
    model,
    aliases,
    effectiveFrom,
    base,
    longContext: longContext(row),
    batchPermille,
    geoUsPermille,
    webSearch,
  };
}

function longContext(row: Stored): PriceRow['longContext'] {
  if (row.longThreshold === null) return null;
  const prices = {
    input: row.longInput ?? row.input,
    output: row.longOutput ?? row.output,
    cacheWrite5m: row.longCacheWrite5m ?? row.cacheWrite5m,
    cacheWrite1h: row.longCacheWrite1h ?? row.cacheWrite1h,
    cacheRead: row.longCacheRead ?? row.cacheRead,
  };
  return { threshold: row.longThreshold, prices };
}

function toPrice(row: Stored, current: boolean): Price {
  const { base, longContext: long } = toPriceRow(row);
  return {
    id: row.id,
    model: row.model,
    aliases: row.aliases,
    effectiveFrom: row.effectiveFrom.toISOString(),
    ...perMtok(base),
    longContext: long && { threshold: long.threshold, ...perMtok(long.prices) },
    batchDiscount: row.batchPermille / 1000,
    geoUsMultiplier: row.geoUsPermille === null ? null : row.geoUsPermille / 1000,
    webSearch: formatUsd(row.webSearch * 1000n),
    source: row.source,
    createdAt: row.createdAt.toISOString(),
    createdBy: row.createdBy,
    current,
  };
}

function perMtok(rates: TokenPrices) {
  return {
    input: formatUsd(rates.input * TOKENS_PER_MTOK),
    output: formatUsd(rates.output * TOKENS_PER_MTOK),
    cacheWrite5m: formatUsd(rates.cacheWrite5m * TOKENS_PER_MTOK),
    cacheWrite1h: formatUsd(rates.cacheWrite1h * TOKENS_PER_MTOK),
    cacheRead: formatUsd(rates.cacheRead * TOKENS_PER_MTOK),
  };
}

function perToken(usdPerMtok: string): PicoUsd {
  return usd(usdPerMtok) / TOKENS_PER_MTOK;
}

function usd(text: string): PicoUsd {
  const pico = parseUsd(text);
  if (pico === null) throw new Error(`"${text}" is not an amount of USD`);
  return pico;
}
