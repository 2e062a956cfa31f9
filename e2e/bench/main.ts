import { cpus } from 'node:os';
import { benchHeld } from './held';
import { benchPolicy } from './policy';
import { benchProxy } from './proxy';
import { type BenchTable, toMarkdown } from './table';

const BENCHES: Record<string, () => Promise<BenchTable>> = { proxy: benchProxy, held: benchHeld, policy: benchPolicy };

/** `npm run bench [-- NAME] [--json]`. Numbers are of this machine in this run; only their ratios travel. */
async function main(args: readonly string[]): Promise<void> {
  const names = args.filter((arg) => !arg.startsWith('--'));
  const unknown = names.filter((name) => !(name in BENCHES));
  if (unknown.length > 0)
    throw new Error(`No bench called ${unknown.join(', ')}; there are: ${Object.keys(BENCHES).join(', ')}`);
  const tables: BenchTable[] = [];
  for (const [name, bench] of Object.entries(BENCHES)) {
    if (names.length === 0 || names.includes(name)) tables.push(await bench());
  }
  const machine = `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}, ${new Date().toISOString().slice(0, 10)}`;
  process.stdout.write(
    args.includes('--json')
      ? `${JSON.stringify({ machine, tables })}\n`
      : `${machine}\n\n${tables.map(toMarkdown).join('\n')}`,
  );
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
});
