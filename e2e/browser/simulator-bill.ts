import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

interface BillEntry {
  model: string;
  billed: boolean;
  usage: {
    input_tokens: number;
    output_tokens: number;
    cache_read_input_tokens: number;
    cache_creation_input_tokens: number;
  } | null;
  /** Integer, as text: JSON has no big numbers. */
  costPicoUsd: string | null;
}

/** What the built-in simulator has billed so far, from its own state file in the data folder. */
export async function simulatorBill(dataDir: string): Promise<BillEntry[]> {
  const text = await readFile(join(dataDir, 'simulator.jsonl'), 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { line: string; entry?: BillEntry })
    .flatMap(({ line, entry }) => (line === 'entry' && entry ? [entry] : []))
    .filter(({ billed }) => billed);
}
