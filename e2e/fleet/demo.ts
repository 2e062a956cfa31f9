import { spawn } from 'node:child_process';
import { setMaxListeners } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { AdminApi } from '@/e2e/process/admin-api';
import { newSecret } from '@/lib/secrets';
import { runDemoFleet } from './demo-fleet';

// `npm run demo`: Offpeak with the simulator and a small mixed fleet, on data of its own that is new each time.

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DATA_DIR = process.argv[2] ?? `${ROOT}.offpeak-demo`;
const LOG_FILE = `${DATA_DIR}/demo.log`;
/** Of the log, as pino counts. */
const ERROR_LEVEL = 50;
/** The simulated API's own durations are divided by it; those of the policy are not. */
const TIME_SCALE = 30;

// biome-ignore-start lint/suspicious/noThenProperty: the document's own word
const POLICY = {
  rules: [
    {
      id: 'nightly',
      name: 'Nightly evaluations',
      enabled: true,
      when: { field: 'tag.job', op: 'eq', value: 'nightly' },
      then: { lane: 'batch', deadline: '2h', window: '2s' },
    },
    {
      id: 'triage',
      name: 'Triage: a batch if it is quick',
      enabled: true,
      when: { field: 'tag.job', op: 'eq', value: 'triage' },
      then: { lane: 'batch', deadline: '14s', window: '500ms' },
    },
    {
      id: 'can-wait',
      name: 'Calls that can wait at least 2 minutes',
      enabled: true,
      when: { field: 'tolerance', op: 'gte', value: '2m' },
      then: { lane: 'auto', explore: 0.3, window: '1s' },
    },
  ],
  default: { lane: 'sync' },
};
// biome-ignore-end lint/suspicious/noThenProperty: the document's own word

async function main(): Promise<void> {
  await rm(DATA_DIR, { recursive: true, force: true });
  await mkdir(DATA_DIR, { recursive: true, mode: 0o700 });
  const adminToken = newSecret('opt_');
  const offpeak = spawn(process.execPath, ['--import', 'tsx', 'lib/server/main.ts'], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...ownEnvironment(), OFFPEAK_ADMIN_TOKEN: adminToken },
  });
  const stop = new AbortController();
  setMaxListeners(0, stop.signal);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      stop.abort();
      offpeak.kill('SIGTERM');
    });
  }
  offpeak.once('exit', (code) => process.exit(code ?? 1));
  keepLog(offpeak.stderr);
  for await (const line of createInterface({ input: offpeak.stdout })) {
    process.stdout.write(`${line}\n`);
    const origin = /^Offpeak ready on (\S+)$/.exec(line)?.[1];
    if (origin !== undefined) void startFleet(new AdminApi(origin, adminToken), origin, stop.signal);
  }
}

/** The log goes to a file: somebody who looks at it for the first time looks for the link. What went wrong is shown. */
function keepLog(stderr: Readable): void {
  const file = createWriteStream(LOG_FILE, { mode: 0o600 });
  createInterface({ input: stderr }).on('line', (line) => {
    file.write(`${line}\n`);
    const level = Number(/^\{"level":(\d+)/.exec(line)?.[1] ?? Number.POSITIVE_INFINITY);
    const text = /"msg":"Building/.test(line) ? 'Building; this happens once per version.' : line;
    if (level >= ERROR_LEVEL || text !== line) process.stderr.write(`${text}\n`);
  });
}

async function startFleet(api: AdminApi, origin: string, signal: AbortSignal): Promise<void> {
  await api.call('PUT', '/api/policy', { document: POLICY, note: 'The demo’s', baseVersion: 1 });
  process.stdout.write(`Demo: a simulated fleet is at work; the API’s own times are divided by ${TIME_SCALE}\n`);
  process.stdout.write(`Once logged in: ${origin}/?from=now-15m&to=now\n`);
  process.stdout.write(`Log: ${LOG_FILE}; end it with Ctrl-C\n`);
  await runDemoFleet(api, origin, signal);
}

/** What a shell needs; nothing that leads to a real upstream or to another database. */
function ownEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(ANTHROPIC_|OFFPEAK_|DATABASE_URL$|PG[A-Z]+$)/.test(name),
  );
  return {
    ...Object.fromEntries(kept),
    NODE_ENV: 'production',
    OFFPEAK_DATA_DIR: DATA_DIR,
    OFFPEAK_UPSTREAM_URL: 'simulator',
    OFFPEAK_SIM_TIME_SCALE: String(TIME_SCALE),
  };
}

await main();
