import { amountOf, countOf, dayOf, refuse, tierOf } from './bill-fields';
import { type BillLine, billModel } from './bill-line';
import { csvRecords } from './csv-records';
import type { RawBill } from './read-bill';

/** A dollar is 10^12 picodollars. */
const USD_DIGITS = 12;
const MOST_NAME = 200;
const WRITES = [
  'usage_input_tokens_cache_write',
  'usage_input_tokens_cache_write_5m',
  'usage_input_tokens_cache_write_1h',
];

/** The CSV of the Console's cost page, or of its usage page, whichever the columns are of. */
export function readTable(text: string): RawBill {
  const records = csvRecords(text);
  if ('unclosed' in records) refuse(`line ${records.unclosed}`, 'begins a quoted cell that never ends');
  const [head, ...rows] = records;
  if (!head) refuse('file', 'is empty');
  const names = head.cells.map((name) => name.trim().toLowerCase());
  const format = formatOf(names);
  if (rows.length === 0) refuse('file', 'has a header and no row');
  const lines = rows.map(({ line, cells }): BillLine => {
    const at = `line ${line}`;
    if (cells.length > names.length) refuse(at, `has ${cells.length} cells where the header has ${names.length}`);
    const cell = (name: string) => cells[names.indexOf(name)] ?? '';
    const tokens = (name: string) => countOf(cell(name), `${at}, ${name}`);
    const model = cell(names.includes('model_version') ? 'model_version' : 'model');
    if (model.length > MOST_NAME) refuse(`${at}, model`, `is longer than ${MOST_NAME} characters`);
    const isCost = format === 'cost_csv';
    return {
      day: dayOf(cell('usage_date_utc'), `${at}, usage_date_utc`),
      model: billModel(model),
      tier: tierOf(cell('usage_type')),
      input: isCost ? 0 : tokens('usage_input_tokens_no_cache'),
      output: isCost ? 0 : tokens('usage_output_tokens'),
      cacheRead: isCost ? 0 : tokens('usage_input_tokens_cache_read'),
      cacheWrite: isCost ? 0 : WRITES.reduce((sum, name) => sum + tokens(name), 0),
      costPico: isCost ? amountOf(cell('cost_usd'), USD_DIGITS, `${at}, cost_usd`) : 0n,
    };
  });
  return { format, lines, days: [] };
}

function formatOf(names: readonly string[]): 'usage_csv' | 'cost_csv' {
  const isCost = names.includes('cost_usd');
  const wanted = isCost
    ? ['usage_date_utc', 'cost_usd']
    : ['usage_date_utc', 'usage_input_tokens_no_cache', 'usage_output_tokens'];
  const missing = wanted.filter((name) => !names.includes(name));
  if (missing.length > 0) {
    refuse(
      'line 1',
      `is no header of a usage or cost export of the Console: ${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} missing`,
    );
  }
  return isCost ? 'cost_csv' : 'usage_csv';
}
