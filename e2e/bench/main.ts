import { cpus } from 'node:os';
import { benchBacktest } from './backtest';
import { benchDashboard } from './dashboard';
import { benchDecide } from './decide';
import { benchHeld } from './held';
import { benchPolicy } from './policy';
import { benchProxy } from './proxy';
import { type BenchTable, toMarkdown } from './table';

const BENCHES: Record<string, (requests?: number) => Promise<BenchTable>> = {
  proxy: benchProxy,
  held: () => benchHeld(),
  decide: () => benchDecide(),
  policy: benchPolicy,
  dashboard: benchDashboard,
  backtest: benchBacktest,
};

/** `npm run bench [-- NAME] [--requests=N] [--json]`. Numbers are of this machine in this run; only their ratios travel. */
async function main(args: readonly string[]): Promise<void> {
  const names = args.filter((arg) => !arg.startsWith('--'));
  const unknown = names.filter((name) => !(name in BENCHES));
  if (unknown.length > 0)
    throw new Error(`No bench called ${unknown.join(', ')}; there are: ${Object.keys(BENCHES).join(', ')}`);
  const requests = readRequests(args);
  const tables: BenchTable[] = [];
  for (const [name, bench] of Object.entries(BENCHES)) {
    if (names.length === 0 || names.includes(name)) tables.push(await bench(requests));
  }
  const machine = `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}, ${new Date().toISOString().slice(0, 10)}`;
  process.stdout.write(
    args.includes('--json')
      ? `${JSON.stringify({ machine, tables })}\n`
      : `${machine}\n\n${tables.map(toMarkdown).join('\n')}`,
  );
}

/** How large a log dashboard and backtest are measured over. */
function readRequests(args: readonly string[]): number | undefined {
  const value = args.find((arg) => arg.startsWith('--requests='))?.slice('--requests='.length);
  if (value === undefined) return undefined;
  if (!/^[1-9]\d{0,8}$/.test(value)) throw new Error('--requests takes a number');
  return Number(value);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
});
