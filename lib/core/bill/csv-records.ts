export interface CsvRecord {
  /** Line of the file on which it begins, from 1. */
  line: number;
  cells: readonly string[];
}

/** RFC 4180, with any line end; blank lines are left out. Answers the line of a quote that is never closed. */
export function csvRecords(text: string): CsvRecord[] | { unclosed: number } {
  const records: CsvRecord[] = [];
  let cells: string[] = [];
  let cell = '';
  let line = 1;
  let begin = 1;
  let quotedFrom: number | null = null;
  const endRecord = () => {
    cells.push(cell);
    if (cells.length > 1 || cell.trim() !== '') records.push({ line: begin, cells });
    [cells, cell] = [[], ''];
  };
  for (let at = text.charCodeAt(0) === 0xfeff ? 1 : 0; at < text.length; at++) {
    const char = text[at];
    if (char === '\n') line++;
    if (quotedFrom !== null) {
      if (char !== '"') cell += char;
      else if (text[at + 1] === '"') cell += text[++at];
      else quotedFrom = null;
    } else if (char === '"' && cell === '') quotedFrom = line;
    else if (char === ',') {
      cells.push(cell);
      cell = '';
    } else if (char === '\n' || (char === '\r' && text[at + 1] !== '\n')) {
      endRecord();
      begin = line;
    } else if (char !== '\r') cell += char;
  }
  if (quotedFrom !== null) return { unclosed: quotedFrom };
  endRecord();
  return records;
}
