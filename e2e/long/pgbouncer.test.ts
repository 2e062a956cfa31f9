import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { ensureBuild } from '@/e2e/process/ensure-build';
import { stopEveryOffpeak } from '@/e2e/process/start-offpeak';
import { PGBOUNCER, type PgBouncer, startPgBouncer } from '@/e2e/process/start-pgbouncer';
import { waitFor } from '@/e2e/process/wait-for';
import { canWait } from '@/e2e/replicas/can-wait';
import { expectNothingLost } from '@/e2e/replicas/expect-nothing-lost';
import { FleetTraffic } from '@/e2e/replicas/fleet-traffic';
import { type Replica, ReplicaSet } from '@/e2e/replicas/replica-set';
import { findPooler } from '@/lib/store/pooler';
import '@/e2e/process/patience';

const MODEL = 'claude-haiku-5-5';

let bouncer: PgBouncer | null = null;
let set: ReplicaSet | null = null;
beforeAll(ensureBuild);
afterEach(async () => {
  await stopEveryOffpeak();
  await set?.close();
  await bouncer?.stop();
  [set, bouncer] = [null, null];
});
afterAll(() => {
  if (!PGBOUNCER)
    process.stderr.write('PgBouncer is not on this machine: what Offpeak does behind it was not tested\n');
});

const PATHS = [
  '/api/status',
  '/api/metrics/summary?from=now-1h&to=now',
  '/api/metrics/cost?from=now-1h&to=now',
  '/api/metrics/latency?from=now-1h&to=now',
  '/api/batches',
  '/api/keys',
  '/api/audit',
];

async function versionAt({ origin }: Replica, key: string): Promise<string | null> {
  const response = await fetch(`${origin}/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': key, 'anthropic-version': '2026-10-21', 'content-type': 'application/json' },
    body: JSON.stringify({ model: MODEL, max_tokens: 5, messages: [{ role: 'user', content: 'hi' }] }),
  });
  await response.arrayBuffer();
  return response.headers.get('x-offpeak-policy');
}

describe.skipIf(!PGBOUNCER)('behind PgBouncer', () => {
  it.each(['transaction', 'session'] as const)('two replicas work in %s mode, from empty tables on', async (mode) => {
    bouncer = await startPgBouncer(inject('clusterUrl'), mode, {
      // Fewer than what two processes would take: connections are handed around all the time.
      default_pool_size: mode === 'transaction' ? 12 : 60,
    });
    const { url } = bouncer;
    set = await ReplicaSet.start({
      simulator: { turnaround: { fixedMs: 1_500 }, sync: { instant: true }, rateLimits: 'off' },
      databaseUrl: url,
    });
    const [one, other] = await Promise.all([set.add(), set.add()]);
    for (const { process } of [one, other]) expect(process.stderr).toContain(`"pooler":"${mode}"`);
    const said = `${one.process.stderr}${other.process.stderr}`;
    expect(said.match(/"msg":"database migrated"/g)).toHaveLength(1);

    const version = await set.publish(canWait('300ms'));
    const since = performance.now();
    for (const replica of [one, other]) {
      const obeys = async () => (await versionAt(replica, set?.apiKey ?? '')) === String(version);
      await waitFor('the policy', obeys);
    }
    expect(performance.now() - since).toBeLessThan(2_000);

    const { origin } = set.balancer;
    const traffic = new FleetTraffic({ origin, key: set.apiKey, agents: 24, model: MODEL, tolerance: '1h' });
    await waitFor('the fleet', () => traffic.done.length >= 150, 90_000);
    await expectNothingLost(set, await traffic.stop());
    for (const path of PATHS) expect([path, (await one.api.call('GET', path)).status]).toEqual([path, 200]);

    // What belongs to a session was left to nobody else.
    const left = await set.database.pools.hot<{ locks: number }[]>`
      select count(*)::int as locks from pg_locks where locktype = 'advisory' and database = (
        select oid from pg_database where datname = current_database())`;
    expect(left[0]?.locks).toBe(0);
    if (mode === 'transaction') expect(await bouncer.log()).not.toContain('when not linked');
    expect(`${one.process.stderr}${other.process.stderr}`).not.toMatch(/prepared statement/);
  });

  it('is found by trying, also where it swallows what it does not know', async () => {
    const direct = inject('clusterUrl');
    expect(await findPooler(direct)).toBeNull();
    for (const mode of ['transaction', 'session'] as const) {
      bouncer = await startPgBouncer(direct, mode, { ignore_startup_parameters: 'statement_timeout' });
      expect(await findPooler(bouncer.url(direct))).toBe(mode);
      await bouncer.stop();
      bouncer = null;
    }
  });
});
