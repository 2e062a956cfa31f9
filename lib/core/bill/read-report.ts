import { amountOf, countOf, dayOf, refuse, tierOf } from './bill-fields';
import { type BillLine, billModel } from './bill-line';
import type { RawBill } from './read-bill';

type Json = Readonly<Record<string, unknown>>;

/** A cent is 10^10 picodollars. */
const CENT_DIGITS = 10;
const MOST_NAME = 200;

/** Answers of the Usage and Cost Admin API, whichever of the two the first result is of. */
export function readReport(text: string): RawBill {
  const pages = pagesOf(text);
  const lines: BillLine[] = [];
  const days: string[] = [];
  let format: RawBill['format'] | null = null;
  for (const { page, at } of pages) {
    const data = listOf(page.data, `${at}data`);
    for (const [b, bucket] of data.entries()) {
      const place = `${at}data[${b}]`;
      const { starting_at: start, results } = objectOf(bucket, place);
      const day = dayOf(start, `${place}.starting_at`);
      days.push(day);
      for (const [r, one] of listOf(results, `${place}.results`).entries()) {
        const where = `${place}.results[${r}]`;
        const result = objectOf(one, where);
        const own = formatOf(result, where);
        format ??= own;
        if (own !== format) refuse(where, 'is of usage where others are of cost: import them one by one');
        lines.push(own === 'cost_report' ? costLine(result, day, where) : usageLine(result, day, where));
      }
    }
  }
  if (format === null) refuse('file', 'holds no result: there is nothing to compare with');
  return { format, lines, days };
}

function pagesOf(text: string): { page: Json; at: string }[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    refuse('file', `is no JSON: ${(cause as Error).message.slice(0, 120)}`);
  }
  const pages = Array.isArray(parsed)
    ? parsed.map((page, i) => ({ page: objectOf(page, `[${i}]`), at: `[${i}].` }))
    : [{ page: objectOf(parsed, 'file'), at: '' }];
  const last = pages.at(-1);
  if (last?.page.has_more === true) {
    refuse(`${last.at}has_more`, 'is true: this is not the last page. Put all pages into one JSON array');
  }
  return pages;
}

function formatOf(result: Json, at: string): 'usage_report' | 'cost_report' {
  if ('amount' in result) return 'cost_report';
  if ('uncached_input_tokens' in result || 'output_tokens' in result) return 'usage_report';
  return refuse(at, 'has neither amount nor output_tokens: it is of no known report');
}

function usageLine(result: Json, day: string, at: string): BillLine {
  const writes = result.cache_creation === null || result.cache_creation === undefined ? {} : result.cache_creation;
  const written = objectOf(writes, `${at}.cache_creation`);
  const tokens = (name: string) => countOf(result[name], `${at}.${name}`);
  const created = (name: string) => countOf(written[name], `${at}.cache_creation.${name}`);
  return {
    ...namesOf(result, day, at),
    input: tokens('uncached_input_tokens'),
    output: tokens('output_tokens'),
    cacheRead: tokens('cache_read_input_tokens'),
    cacheWrite: created('ephemeral_5m_input_tokens') + created('ephemeral_1h_input_tokens'),
    costPico: 0n,
  };
}

function costLine(result: Json, day: string, at: string): BillLine {
  const { currency = 'USD' } = result;
  if (currency !== 'USD') refuse(`${at}.currency`, 'is not USD');
  return {
    ...namesOf(result, day, at),
    input: 0,
    output: 0,
    cacheRead: 0,
    cacheWrite: 0,
    costPico: amountOf(result.amount, CENT_DIGITS, `${at}.amount`),
  };
}

function namesOf({ model, service_tier: tier }: Json, day: string, at: string) {
  if (model !== null && model !== undefined && typeof model !== 'string') refuse(`${at}.model`, 'is no name');
  const name = typeof model === 'string' ? model : '';
  if (name.length > MOST_NAME) refuse(`${at}.model`, `is longer than ${MOST_NAME} characters`);
  return { day, model: billModel(name), tier: tierOf(tier) };
}

function objectOf(value: unknown, at: string): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  return refuse(at, 'must be an object, as the Usage and Cost Admin API answers it');
}

function listOf(value: unknown, at: string): readonly unknown[] {
  return Array.isArray(value) ? value : refuse(at, 'must be a list, as the Usage and Cost Admin API answers it');
}
