import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { drive, type LoadResult } from './load';
import { startNginx } from './nginx';
import type { BenchTable } from './table';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const KEY = 'opk_bench_0123456789abcdefghijklmnop';
const SECONDS = 4;
const SHAPES = [
  { stream: false, connections: 1 },
  { stream: false, connections: 32 },
  { stream: true, connections: 1 },
  { stream: true, connections: 32 },
];

interface Target {
  name: string;
  url: string;
}

/** Direct, nginx and Offpeak (request log on) before the same upstream, in one run. */
export async function benchProxy(): Promise<BenchTable> {
  const closers: (() => Promise<void> | void)[] = [];
  try {
    const upstream = await startUpstream(closers);
    const targets: Target[] = [{ name: 'direct', url: upstream }];
    const nginx = await startNginx(upstream);
    if (nginx) {
      closers.push(() => nginx.stop());
      targets.push({ name: 'nginx', url: nginx.url });
    }
    targets.push({ name: 'offpeak', url: await startOffpeak(upstream, 'listener', closers) });
    targets.push({ name: 'offpeak, Next door', url: await startOffpeak(upstream, 'next', closers) });
    return { title: 'Sync lane: throughput and latency', columns: COLUMNS, rows: await measure(targets) };
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

const COLUMNS = ['answer', 'connections', 'proxy', 'calls/s', 'of nginx', 'p50 ms', 'added p50 ms', 'p99 ms', 'errors'];

async function measure(targets: readonly Target[]): Promise<(string | number)[][]> {
  const rows: (string | number)[][] = [];
  for (const shape of SHAPES) {
    const results = new Map<string, LoadResult>();
    for (const { name, url } of targets) {
      await drive({ url, key: KEY, ...shape, seconds: 1 });
      results.set(name, await drive({ url, key: KEY, ...shape, seconds: SECONDS }));
    }
    const direct = results.get('direct');
    const nginx = results.get('nginx');
    for (const [name, result] of results) {
      rows.push([
        shape.stream ? 'SSE' : 'JSON',
        shape.connections,
        name,
        Math.round(result.perSecond),
        nginx ? (result.perSecond / nginx.perSecond).toFixed(2) : '-',
        result.p50.toFixed(2),
        direct ? (result.p50 - direct.p50).toFixed(2) : '-',
        result.p99.toFixed(2),
        result.errors,
      ]);
    }
  }
  return rows;
}

async function startUpstream(closers: (() => Promise<void> | void)[]): Promise<string> {
  const child = spawn(process.execPath, ['--import', 'tsx', join(ROOT, 'e2e/bench/canned-upstream.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  closers.push(() => void child.kill());
  const port = await firstLine(child, /^(\d+)$/m);
  return `http://127.0.0.1:${port}`;
}

async function startOffpeak(
  upstream: string,
  door: 'listener' | 'next',
  closers: (() => Promise<void> | void)[],
): Promise<string> {
  const dataDir = mkdtempSync(join(tmpdir(), 'offpeak-bench-'));
  const child = spawn(process.execPath, ['--import', 'tsx', join(ROOT, 'lib/server/main.ts')], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      NODE_ENV: 'production',
      PORT: '0',
      OFFPEAK_DATA_DIR: dataDir,
      OFFPEAK_UPSTREAM_URL: upstream,
      ANTHROPIC_API_KEY: 'bench',
      OFFPEAK_API_KEY: KEY,
      OFFPEAK_DOOR: door,
    },
  });
  closers.push(async () => {
    await new Promise((resolve) => child.once('exit', resolve).kill('SIGTERM'));
    rmSync(dataDir, { recursive: true, force: true });
  });
  return firstLine(child, /^Offpeak ready on (\S+)$/m);
}

function firstLine(child: ChildProcess, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk;
      const found = pattern.exec(text)?.[1];
      if (found) resolve(found);
    });
    child.once('exit', () => reject(new Error('a server of the bench ended before it was ready')));
  });
}
