import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Offpeak, startOffpeak, stopEveryOffpeak } from '@/e2e/process/start-offpeak';
import { startSimulatorProcess } from '@/e2e/process/start-simulator-process';
import type { BenchTable } from './table';

interface Shape {
  calls: number;
  perSecond: number;
  /** So many rounds of batches that end by themselves; 0: one, ended by hand when all callers are held. */
  rounds: number;
}

const SHAPES: readonly Shape[] = [
  { calls: 1, perSecond: 50, rounds: 3 },
  { calls: 50, perSecond: 50, rounds: 4 },
  { calls: 1_000, perSecond: 1_000, rounds: 0 },
  { calls: 10_000, perSecond: 1_000, rounds: 0 },
];
const HELD_MS = 10_000;
const PROBE_EVERY_MS = 50;
/** Batches of few callers end by themselves; so many are measured before it counts when the lane notices. */
const TURNAROUND = { medianMs: 12_000, sigma: 0.3, floorMs: 5_000, tails: [], hours: { share: 0, fromMs: 0, toMs: 0 } };
const MEASURED = 12;
const ESTIMATE_MS = 12_000;

interface Answers {
  answered: number;
  resets: number;
  other: number;
  doneAt: number[];
}

/** Callers of the batch lane, held and answered: how few batches and polls they cost, how much memory, how late they are. */
export async function benchHeld(shapes: readonly Shape[] = SHAPES): Promise<BenchTable> {
  const rows: (string | number)[][] = [];
  for (const shape of shapes) rows.push(await measure(shape));
  return { title: 'Batch lane: callers held', columns: COLUMNS, rows };
}

const COLUMNS = [
  'callers',
  'answered',
  'resets',
  'batches',
  'polls per 1,000 calls',
  'ended to delivered p50 ms',
  'p99 ms',
  'memory before MB',
  'memory held MB',
  '/healthz p99 ms',
];

async function measure({ calls, perSecond, rounds }: Shape): Promise<(string | number)[]> {
  const simulator = await startSimulatorProcess([
    '--instant',
    ...['--rate-limits', 'off', '--recorded-requests', '10'],
    ...(rounds > 0 ? ['--turnaround', JSON.stringify(TURNAROUND)] : []),
  ]);
  try {
    const offpeak = await startOffpeak({ env: { OFFPEAK_UPSTREAM_URL: simulator.url, ANTHROPIC_API_KEY: 'sim-key' } });
    const run = (count: number) => new Callers(offpeak, count, perSecond);
    const before = await residentMb(offpeak.pid);
    if (rounds > 0) {
      await publish(offpeak, { window: '0ms', maxItems: 1 }, 1);
      await run(MEASURED).answers();
      await new Promise((resolve) => setTimeout(resolve, ESTIMATE_MS));
    }
    await publish(offpeak, { window: rounds > 0 ? '1s' : '5s', maxItems: 10_000 }, rounds > 0 ? 2 : 1);
    const told = {
      answered: 0,
      failed: 0,
      batches: 0,
      polls: 0,
      memory: 0,
      lags: [] as number[],
      health: [] as number[],
    };
    const known = new Set((await simulator.batches()).map(({ id }) => id));
    const pollsBefore = await offpeak.api.metric(POLLS);
    for (let round = 0; round < Math.max(1, rounds); round++) {
      const callers = run(calls);
      await callers.sent();
      const fresh = async () => (await simulator.batches()).filter(({ id }) => !known.has(id));
      await until(async () => (await fresh()).reduce((sum, { customIds }) => sum + customIds.length, 0) >= calls);
      const batches = await fresh();
      told.batches += batches.length;
      told.health.push(...(await probe(offpeak.origin, rounds > 0 ? 1_000 : HELD_MS)));
      told.memory = Math.max(told.memory, await residentMb(offpeak.pid));
      const handAt = Date.now();
      if (rounds === 0) for (const { id } of batches) await simulator.finishBatch(id);
      const answers = await callers.answers();
      const ended = (await fresh()).map(({ ended_at: at }) => Date.parse(at ?? ''));
      for (const { id } of batches) known.add(id);
      const endedAt = rounds === 0 ? handAt : Math.max(...ended);
      told.answered += answers.answered;
      told.failed += answers.resets + answers.other;
      told.lags.push(...answers.doneAt.map((at) => at - endedAt));
    }
    told.lags.sort((a, b) => a - b);
    told.health.sort((a, b) => a - b);
    const polls = (await offpeak.api.metric(POLLS)) - pollsBefore;
    return [
      calls,
      told.answered,
      told.failed,
      told.batches,
      Math.round((polls / (told.answered || 1)) * 1_000),
      rank(told.lags, 0.5),
      rank(told.lags, 0.99),
      before,
      told.memory,
      rank(told.health, 0.99).toFixed(1),
    ];
  } finally {
    await stopEveryOffpeak();
    await simulator.kill();
  }
}

const POLLS = 'offpeak_batch_polls_total{outcome="answered"}';

/** A process of callers. */
class Callers {
  readonly #child;
  readonly #lines: AsyncIterator<string>;

  constructor(offpeak: Offpeak, calls: number, perSecond: number) {
    const port = Number(new URL(offpeak.origin).port);
    const plan = JSON.stringify({ port, key: offpeak.apiKey, calls, perSecond });
    const path = fileURLToPath(new URL('held-process.ts', import.meta.url));
    this.#child = spawn(process.execPath, ['--import', 'tsx', path, plan], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** Every call is on its way. */
  async sent(): Promise<void> {
    await this.#lines.next();
  }

  async answers(): Promise<Answers> {
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done) throw new Error('the callers ended without a word');
      const told = JSON.parse(value) as Partial<Answers>;
      if (told.doneAt === undefined) continue;
      if (this.#child.exitCode === null) await once(this.#child, 'exit');
      return told as Answers;
    }
  }
}

async function publish(offpeak: Offpeak, batching: object, baseVersion: number): Promise<void> {
  const document = { rules: [], default: { lane: 'batch', deadline: '4h', ...batching } };
  const { status, body } = await offpeak.api.call('PUT', '/api/policy', { baseVersion, document });
  if (status !== 200) throw new Error(`the policy was not published: ${JSON.stringify(body)}`);
}

/** ms of each probe. */
async function probe(origin: string, forMs: number): Promise<number[]> {
  const took: number[] = [];
  const end = performance.now() + forMs;
  while (performance.now() < end) {
    const from = performance.now();
    await (await fetch(`${origin}/healthz`)).arrayBuffer();
    took.push(performance.now() - from);
    await new Promise((resolve) => setTimeout(resolve, PROBE_EVERY_MS));
  }
  return took;
}

async function residentMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1_024);
}

const SENT_WITHIN_MS = 120_000;
const LOOK_EVERY_MS = 250;

async function until(condition: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + SENT_WITHIN_MS;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error('the calls did not reach upstream in time');
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

function rank(sorted: readonly number[], p: number): number {
  return sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)] ?? Number.NaN;
}
