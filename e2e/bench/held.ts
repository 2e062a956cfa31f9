import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Offpeak, startOffpeak, stopEveryOffpeak } from '@/e2e/process/start-offpeak';
import { type Simulator, startSimulator } from '@/lib/simulator/start-simulator';
import type { BenchTable } from './table';

const SHAPES = [
  { calls: 1_000, perSecond: 1_000 },
  { calls: 10_000, perSecond: 1_000 },
];
const HELD_MS = 10_000;
const PROBE_EVERY_MS = 50;

interface Answers {
  answered: number;
  resets: number;
  other: number;
  doneAt: number[];
}

/** Callers of the batch lane, held and answered: how few batches and polls they cost, how much memory, how late they are. */
export async function benchHeld(): Promise<BenchTable> {
  const rows: (string | number)[][] = [];
  for (const shape of SHAPES) rows.push(await measure(shape));
  return { title: 'Batch lane: callers held', columns: COLUMNS, rows };
}

const COLUMNS = [
  'callers',
  'answered',
  'resets',
  'batches',
  'calls per batch',
  'polls per 1,000 calls',
  'ended to delivered p50 ms',
  'p99 ms',
  'memory held MB',
  '/healthz p99 ms',
];

async function measure({ calls, perSecond }: { calls: number; perSecond: number }): Promise<(string | number)[]> {
  const simulator = await startSimulator({ quiet: true, rateLimits: 'off', sync: { instant: true } });
  try {
    const offpeak = await startOffpeak({ env: { OFFPEAK_UPSTREAM_URL: simulator.url, ANTHROPIC_API_KEY: 'sim-key' } });
    await publish(offpeak);
    const child = spawn(
      process.execPath,
      [
        '--import',
        'tsx',
        fileURLToPath(new URL('held-process.ts', import.meta.url)),
        JSON.stringify({ port: Number(new URL(offpeak.origin).port), key: offpeak.apiKey, calls, perSecond }),
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    await lines.next();
    await until(() => sent(simulator) >= calls, 120_000);
    const health = await probe(offpeak.origin, HELD_MS);
    const memory = await residentMb(offpeak.pid);
    const endedAt = Date.now();
    for (const batch of simulator.batches()) if (batch.processing_status !== 'ended') simulator.finishBatch(batch.id);
    const answers = JSON.parse((await lines.next()).value ?? '{}') as Answers;
    if (child.exitCode === null) await once(child, 'exit');
    const lags = answers.doneAt.map((at) => at - endedAt).sort((a, b) => a - b);
    const batches = simulator.batches().length;
    const polls = await metric(offpeak, 'offpeak_batch_polls_total{outcome="answered"}');
    return [
      calls,
      answers.answered,
      answers.resets + answers.other,
      batches,
      Math.round(calls / batches),
      Math.round((polls / calls) * 1_000),
      rank(lags, 0.5),
      rank(lags, 0.99),
      memory,
      rank(health, 0.99).toFixed(1),
    ];
  } finally {
    await stopEveryOffpeak();
    await simulator.close();
  }
}

async function publish(offpeak: Offpeak): Promise<void> {
  const headers = { authorization: `Bearer ${offpeak.adminToken}`, 'content-type': 'application/json' };
  const document = { rules: [], default: { lane: 'batch', window: '5s', deadline: '4h', maxItems: 10_000 } };
  const body = JSON.stringify({ baseVersion: 1, document });
  const answer = await fetch(`${offpeak.origin}/api/policy`, { method: 'PUT', headers, body });
  if (!answer.ok) throw new Error(`the policy was not published: ${await answer.text()}`);
}

function sent(simulator: Simulator): number {
  const total = (counts: object) => Object.values(counts).reduce((sum: number, n: number) => sum + n, 0);
  return simulator.batches().reduce((sum, batch) => sum + total(batch.request_counts), 0);
}

/** ms of each probe, sorted. */
async function probe(origin: string, forMs: number): Promise<number[]> {
  const took: number[] = [];
  const end = performance.now() + forMs;
  while (performance.now() < end) {
    const from = performance.now();
    await (await fetch(`${origin}/healthz`)).arrayBuffer();
    took.push(performance.now() - from);
    await new Promise((resolve) => setTimeout(resolve, PROBE_EVERY_MS));
  }
  return took.sort((a, b) => a - b);
}

async function residentMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1_024);
}

async function metric(offpeak: Offpeak, name: string): Promise<number> {
  const text = await (await fetch(`${offpeak.origin}/metrics`)).text();
  const line = text.split('\n').find((one) => one.startsWith(name));
  return Number(line?.split(' ').at(-1) ?? 0);
}

async function until(condition: () => boolean, withinMs: number): Promise<void> {
  const end = performance.now() + withinMs;
  while (!condition()) {
    if (performance.now() > end) throw new Error('the calls did not reach upstream in time');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function rank(sorted: readonly number[], p: number): number {
  return sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)] ?? Number.NaN;
}
