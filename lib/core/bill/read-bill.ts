import { type BillFault, BillFaultError, refuse } from './bill-fields';
import { type Bill, type BillFormat, type BillKind, type BillLine, sumLines } from './bill-line';
import { readReport } from './read-report';
import { readTable } from './read-table';

/** More groups than a year of fifty models has: such an export is not by day and model. */
const MOST_LINES = 40_000;

export interface ReadBill extends Bill {
  /** What it tells of, also where it has no line. */
  firstDay: string;
  lastDay: string;
}

/** What a reader of one format hands over. */
export interface RawBill {
  format: BillFormat;
  lines: BillLine[];
  /** Days of buckets without a line. */
  days: readonly string[];
}

/**
 * Reads an organisation's export of its usage or cost: answers of `/v1/organizations/usage_report/messages` or
 * `/v1/organizations/cost_report` (one page, or an array of all of them), or the CSV of the Console's usage or cost page.
 * @returns the fault, with its place, when any part of it cannot be trusted.
 */
export function readBill(text: string): ReadBill | BillFault {
  try {
    const { format, lines, days } = /^\uFEFF?\s*[[{]/.test(text) ? readReport(text) : readTable(text);
    const sums = sumLines(lines);
    const all = [...days, ...sums.map(({ day }) => day)].sort();
    const [firstDay] = all;
    const lastDay = all.at(-1);
    if (firstDay === undefined || lastDay === undefined) return { at: 'file', message: 'holds no day' };
    if (sums.length > MOST_LINES) refuse('file', `has more than ${MOST_LINES} days × models × tiers`);
    const kind: BillKind = format.startsWith('usage') ? 'usage' : 'cost';
    return { kind, format, lines: sums, firstDay, lastDay };
  } catch (error) {
    if (error instanceof BillFaultError) return error.fault;
    throw error;
  }
}
