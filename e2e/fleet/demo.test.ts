import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { Child, removeAtExit } from '@/e2e/process/child';
import { ensureBuild, PRODUCT } from '@/e2e/process/ensure-build';
import { waitFor } from '@/e2e/process/wait-for';

let demo: Child | null = null;
afterEach(async () => {
  demo?.signal('SIGTERM');
  await waitFor('the demo to end', () => demo?.exit ?? null, 60_000);
}, 90_000);

it('shows both lanes at work within a minute, without a key', async () => {
  await ensureBuild();
  const dataDir = join(await mkdtemp(join(tmpdir(), 'offpeak-demo-')), 'data');
  removeAtExit(dataDir);
  demo = new Child({
    args: ['--import', 'tsx', 'e2e/fleet/demo.ts', dataDir],
    cwd: PRODUCT,
    // What would lead elsewhere is not looked at.
    env: { PORT: '0', ANTHROPIC_API_KEY: 'sk-ant-not-used', DATABASE_URL: 'postgres://nowhere.invalid/x' },
  });
  const said = () => demo?.stdout ?? '';
  await waitFor('the fleet', () => said().includes('Demo: '), 120_000);
  expect(said()).toContain('Simulated upstream: no ANTHROPIC_API_KEY');
  const origin = /^Offpeak ready on (\S+)$/m.exec(said())?.[1] ?? '';
  const code = /login#(\S+)/.exec(said())?.[1];
  const session = await fetch(`${origin}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin },
    body: JSON.stringify({ code }),
  });
  const cookie = session.headers.get('set-cookie')?.split(';')[0] ?? '';
  const summary = async () =>
    (await fetch(`${origin}/api/metrics/summary`, { headers: { cookie } })).json() as Promise<Summary>;
  const both = await waitFor(
    'calls in both lanes',
    async () => {
      const now = await summary();
      return now.byLane.length === 2 && Number(now.savedUsd) > 0 ? now : null;
    },
    60_000,
  );
  expect(both.byModel.length).toBeGreaterThan(2);
}, 240_000);

interface Summary {
  savedUsd: string;
  byLane: { lane: string; requests: number }[];
  byModel: unknown[];
}
