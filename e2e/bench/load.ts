import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Load {
  url: string;
  key: string;
  stream: boolean;
  connections: number;
  seconds: number;
}

/** Latencies in ms, request sent to last byte read. */
export interface LoadResult {
  perSecond: number;
  p50: number;
  p99: number;
  errors: number;
}

/** Drives one proxy with Messages calls. */
export async function drive(load: Load): Promise<LoadResult> {
  return JSON.parse(await runScript('load-process.ts', [JSON.stringify(load)])) as LoadResult;
}

function runScript(name: string, args: readonly string[]): Promise<string> {
  const path = fileURLToPath(new URL(name, import.meta.url));
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', 'tsx', path, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk;
    });
    child.once('error', reject);
    child.once('exit', () => resolve(text));
  });
}
