export interface BenchTable {
  title: string;
  columns: readonly string[];
  rows: readonly (readonly (string | number)[])[];
}

/** As Markdown, so that a run can be pasted into the README. */
export function toMarkdown({ title, columns, rows }: BenchTable): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
  const align = columns.map((_, i) =>
    typeof rows[0]?.[i] === 'number' || /^[\d.-]+$/.test(String(rows[0]?.[i])) ? '---:' : '---',
  );
  return [`### ${title}`, '', line(columns), line(align), ...rows.map(line), ''].join('\n');
}
