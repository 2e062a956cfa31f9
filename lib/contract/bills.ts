import { z } from 'zod';
import { BILL_FORMATS, BILL_KINDS } from '@/lib/core/bill/bill-line';
import { Instant, Usd } from './query';

/** `POST /api/bills`: an export as upstream or its Console gave it. */
export const BillRequest = z.strictObject({
  /** What it is listed as, such as the file's name. */
  name: z
    .string()
    .trim()
    .min(1)
    .max(120)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly those are refused
    .regex(/^[^\x00-\x1f\x7f]*$/, 'must not hold control characters'),
  /**
   * JSON of the Usage and Cost Admin API, `usage_report/messages` or `cost_report` (a page, or an array of all pages), or
   * the CSV of the Console's usage or cost page.
   */
  text: z.string().min(1).max(8_000_000),
});
export type BillRequest = z.infer<typeof BillRequest>;

const Day = z.iso.date();

export const Bill = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.enum(BILL_KINDS),
  format: z.enum(BILL_FORMATS),
  /** UTC. */
  firstDay: Day,
  lastDay: Day,
  /** Days × models × tiers. */
  lines: z.number().int(),
  importedAt: Instant,
  importedBy: z.string(),
});
export type Bill = z.infer<typeof Bill>;

export const BillList = z.object({ bills: z.array(Bill) });
export type BillList = z.infer<typeof BillList>;

/** `GET /api/bills/compare`: UTC days, both ends inclusive; at most a hundred of them. */
export const BillCompareQuery = z.strictObject({ firstDay: Day, lastDay: Day });

const Amounts = z.object({
  input: z.number().int(),
  output: z.number().int(),
  cacheRead: z.number().int(),
  cacheWrite: z.number().int(),
  costUsd: Usd,
});
export type BillAmounts = z.infer<typeof Amounts>;

const ComparedLine = z.object({
  day: Day,
  /** `null`: the export does not tell models apart, or this line of it has none. */
  model: z.string().nullable(),
  /** `standard`, `batch` or another that upstream names; `null` as above. */
  tier: z.string().nullable(),
  /** `null`: the export has no such line. */
  theirs: Amounts.nullable(),
  /** `null`: Offpeak made no such call. */
  ours: Amounts.nullable(),
  /** Attempts of ours that no price row prices: their cost is not in `ours`. */
  unpriced: z.number().int(),
  /** The day was not over when the export was imported. */
  partial: z.boolean(),
});
export type ComparedLine = z.infer<typeof ComparedLine>;

/** Only days that an export of that kind tells of; of two exports the one imported last counts. */
export const BillComparison = z.object({ usage: z.array(ComparedLine), cost: z.array(ComparedLine) });
export type BillComparison = z.infer<typeof BillComparison>;
