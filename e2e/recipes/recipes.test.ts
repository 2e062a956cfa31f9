import { execFile, spawnSync } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LaneFleet, startLaneFleet, upstreamItems } from '@/e2e/lane/lane-fleet';
import { PRODUCT } from '@/e2e/process/ensure-build';
import { CLIENT_KEY, type LoggedRow } from '@/e2e/process/start-gateway';
import { waitFor } from '@/e2e/process/wait-for';
import { filledIn, readmeRecipe } from './readme-recipe';
import '@/e2e/process/patience';

const run = promisify(execFile);
// Where the recipes' imports find what is installed here.
const folder = join(PRODUCT, 'node_modules', '.cache', `offpeak-recipes-${process.pid}`);
const hasAnthropic = spawnSync('python3', ['-c', 'import anthropic']).status === 0;
const hasPython = spawnSync('python3', ['--version']).status === 0;

let fleet: LaneFleet;
beforeAll(async () => {
  await mkdir(folder, { recursive: true });
  fleet = await startLaneFleet();
  await fleet.publish({ default: { lane: 'batch', window: '0ms' } });
});
afterAll(async () => {
  await fleet?.close();
  await rm(folder, { recursive: true, force: true });
});

const recipe = (name: string) => filledIn(readmeRecipe(name), { origin: fleet.gateway.origin, key: CLIENT_KEY });

/** Runs a program that makes one call, ends its batch, and gives what it printed and what was logged. */
async function served(command: string, args: string[], env: Record<string, string> = {}) {
  const known = (await fleet.gateway.logged(0)).length;
  const items = upstreamItems(fleet);
  const { ANTHROPIC_BASE_URL: _, ANTHROPIC_API_KEY: __, ...own } = process.env;
  const program = run(command, args, { cwd: folder, env: { ...own, ...env } });
  await waitFor('its batch upstream', () => upstreamItems(fleet) > items, 60_000);
  fleet.finishAll();
  const { stdout } = await program;
  const rows: (LoggedRow & { lane?: string; tolerance_ms?: number; client?: string })[] = await fleet.gateway.logged(
    known + 1,
  );
  expect(rows).toHaveLength(known + 1);
  return { stdout, row: rows.at(-1) };
}

async function script(name: string, code: string): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, code);
  return file;
}

describe('a recipe of the README runs as it stands there, and its call waits for a batch', () => {
  it.each([
    ['typescript', 'sdk-ts'],
    ['langchain', 'sdk-ts'],
    ['ai-sdk', 'other'],
  ])('%s', async (name, client) => {
    const { stdout, row } = await served(process.execPath, [await script(`${name}.mjs`, recipe(name))]);
    expect(stdout.trim().length).toBeGreaterThan(10);
    expect(row).toMatchObject({
      state: 'succeeded',
      lane: 'batch',
      served_by: 'batch',
      client,
      tags: { team: 'search', job: 'nightly' },
      tolerance_ms: 3_600_000,
    });
  });

  it.skipIf(!hasPython)('python: its syntax', async () => {
    await run('python3', ['-m', 'py_compile', await script('syntax.py', recipe('python'))]);
  });

  it.skipIf(!hasAnthropic)('python, where `anthropic` can be imported', async () => {
    const { row } = await served('python3', [await script('recipe.py', recipe('python'))]);
    expect(row).toMatchObject({
      state: 'succeeded',
      lane: 'batch',
      client: 'sdk-python',
      tags: { team: 'search', job: 'nightly' },
      tolerance_ms: 3_600_000,
    });
  });

  it('github-actions: its environment alone, for a program that knows nothing of it', async () => {
    const env = stepEnvironment(recipe('github-actions'), {
      'secrets.OFFPEAK_API_KEY': CLIENT_KEY,
      'github.run_id': '4711',
    });
    const program = `import Anthropic from '@anthropic-ai/sdk';
      const message = await new Anthropic().messages.create({
        model: 'claude-haiku-5-5', max_tokens: 50, messages: [{ role: 'user', content: 'an eval' }] });
      console.log(message.id);`;
    const { stdout, row } = await served(process.execPath, [await script('evals.mjs', program)], env);
    expect(stdout).toMatch(/^msg_/);
    expect(row).toMatchObject({
      state: 'succeeded',
      lane: 'batch',
      tags: { job: 'evals', run: '4711' },
      tolerance_ms: 3_600_000,
    });
  });
});

/** What the runner makes of a step's `env`: plain values, and literal blocks. @throws on what it does not know. */
function stepEnvironment(step: string, context: Record<string, string>): Record<string, string> {
  const filled = step.replace(/\$\{\{ *([\w.]+) *\}\}/g, (_, name: string) => {
    const value = context[name];
    if (value === undefined) throw new Error(`the step asks for ${name}`);
    return value;
  });
  const [, block = ''] = filled.split(/^ {2}env:\n/m);
  const env: Record<string, string> = {};
  let name = '';
  for (const line of block.trimEnd().split('\n')) {
    const [, key, value] = /^ {4}(\w+): (.+)$/.exec(line) ?? [];
    if (key !== undefined && value !== undefined) {
      name = key;
      env[name] = value === '|' ? '' : value;
    } else if (/^ {6}\S/.test(line)) env[name] += `${line.slice(6)}\n`;
    else throw new Error(`not understood: ${line}`);
  }
  return env;
}
