import type { ChartTable } from './chart-model';

/** RFC 4180 with a header line. */
export function csvOf({ head, rows }: ChartTable): string {
  return [head, ...rows].map((row) => `${row.map(csvCell).join(',')}\r\n`).join('');
}

/**
 * Quotes what needs it, and defuses what a spreadsheet would run: names come from callers. A plain number keeps its sign.
 * Source: OWASP, CSV injection.
 */
export function csvCell(text: string): string {
  const isFormula = /^[=+\-@\t\r]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text);
  const safe = isFormula ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
