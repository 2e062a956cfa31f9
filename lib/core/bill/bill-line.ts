import type { PicoUsd } from '@/lib/core/money';

/** What an export tells of: tokens, or money. */
export const BILL_KINDS = ['usage', 'cost'] as const;
export type BillKind = (typeof BILL_KINDS)[number];

export const BILL_FORMATS = ['usage_report', 'cost_report', 'usage_csv', 'cost_csv'] as const;
export type BillFormat = (typeof BILL_FORMATS)[number];

/** What an export says of one model's day (UTC) in one tier. */
export interface BillLine {
  /** `2026-11-27`. */
  day: string;
  /** Normalised; '' where the export names none. */
  model: string;
  /** `standard`, `batch` or another that upstream names; '' where the export does not tell. */
  tier: string;
  input: number;
  output: number;
  cacheRead: number;
  cacheWrite: number;
  costPico: PicoUsd;
}

export interface Bill {
  kind: BillKind;
  format: BillFormat;
  /** Each day, model and tier once; by day. */
  lines: readonly BillLine[];
}

const RELEASE_DATE = /-20\d{6}$/;

/**
 * The name under which both sides of a comparison count a model: the Console's cost export says `Claude Haiku 4.5` where
 * the API says `claude-haiku-4-5-20251001`.
 */
export function billModel(name: string): string {
  const plain = name.trim().toLowerCase().replaceAll(/\s+/g, '-');
  return plain.replaceAll(/(?<=\d)\.(?=\d)/g, '-').replace(RELEASE_DATE, '');
}

/** Adds lines of the same day, model and tier up. */
export function sumLines(lines: Iterable<BillLine>): BillLine[] {
  const sums = new Map<string, BillLine>();
  for (const line of lines) {
    const id = JSON.stringify([line.day, line.model, line.tier]);
    const sum = sums.get(id);
    sums.set(id, sum ? added(sum, line) : line);
  }
  return [...sums.values()].sort((a, b) => order(a.day, b.day) || order(a.model, b.model) || order(a.tier, b.tier));
}

function added(a: BillLine, b: BillLine): BillLine {
  return {
    ...a,
    input: a.input + b.input,
    output: a.output + b.output,
    cacheRead: a.cacheRead + b.cacheRead,
    cacheWrite: a.cacheWrite + b.cacheWrite,
    costPico: a.costPico + b.costPico,
  };
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
