import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { waitFor } from '@/e2e/process/wait-for';
import { ask, type LaneFleet, startLaneFleet } from './lane-fleet';

let fleet: LaneFleet;
beforeAll(async () => {
  fleet = await startLaneFleet();
});
afterAll(() => fleet?.close());

const MODEL = 'claude-opus-5-5';
const SYSTEM = [
  { type: 'text' as const, text: 'Long instructions. '.repeat(2_000), cache_control: { type: 'ephemeral' as const } },
];
const within = (tolerance: string, session?: string) => ({
  headers: { 'x-offpeak-tolerance': tolerance, ...(session && { 'x-claude-code-session-id': session }) },
});

async function becauseOf(body: object, tolerance: string, session?: string): Promise<string | null> {
  const call = fleet
    .client()
    .messages.create({ ...ask('auto', { model: MODEL, max_tokens: 64 }), ...body }, within(tolerance, session));
  const finishing = setInterval(() => fleet.finishAll(), 100);
  const { response } = await call.withResponse().finally(() => clearInterval(finishing));
  return response.headers.get('x-offpeak-because');
}

/** Batches of the model that took so many seconds, one a minute until now. */
async function measured(count: number, seconds: number): Promise<void> {
  const sql = fleet.gateway.database.pools.hot;
  const [upstream] = await sql<{ id: number }[]>`select id from upstreams limit 1`;
  for (let i = 1; i <= count; i++) {
    const created = new Date(Date.now() - i * 60_000 - seconds * 1_000);
    const ended = new Date(created.getTime() + seconds * 1_000);
    const id = randomBytes(16).toString('hex');
    await sql`
      insert into batches (id, upstream_id, state, msgbatch_id, nonce, credential, group_key, headers, model, size_class,
        items, bytes, created_at, posting_at, upstream_created_at, ended_at, seen_ended_at, closed_at, counts)
      values (${id}::uuid, ${upstream?.id ?? 1}, 'closed', ${`msgbatch_${id}`}, ${id}, 'key:default', 'g', '[]', ${MODEL},
        'small', 5, 100, ${created}, ${created}, ${created}, ${ended}, ${ended}, ${ended}, '{"succeeded": 5}')`;
  }
  await waitFor('the estimate', () => (fleet.gateway.deps.estimates.of(MODEL)?.batchSamples ?? 0) >= count);
}

it('knows nothing at first, and explores only as far as it is told to', async () => {
  await fleet.publish({ default: { lane: 'auto' } });
  expect(await becauseOf({}, '10m')).toBe('not_measured');
  await fleet.publish({ default: { lane: 'auto', explore: 1, window: '0ms' } });
  expect(await becauseOf({}, '10m')).toBe('explore');
});

it('batches what comes back in time, and nothing that does not', async () => {
  await fleet.publish({ default: { lane: 'auto', window: '0ms' } });
  await measured(60, 90);
  expect(await becauseOf({}, '10m')).toBe('auto');
  expect(await becauseOf({}, '60s')).toBe('miss');
  expect(await becauseOf({}, '2s')).toBe('horizon');
  const rows = await fleet.gateway.database.pools.hot<{ because: string; prediction: Record<string, number> | null }[]>`
    select because, prediction from requests where because in ('auto', 'miss')`;
  for (const { prediction } of rows) expect(prediction?.nEff).toBeGreaterThan(20);
}, 60_000);

it('leaves a warm agent loop where its prompt is read from the cache', async () => {
  await fleet.publish({ default: { lane: 'auto', window: '0ms' } });
  const client = fleet.client();
  for (let turn = 0; turn < 3; turn++) {
    await client.messages.create(
      { ...ask(`turn ${turn}`, { model: MODEL, max_tokens: 64 }), system: SYSTEM },
      within('interactive'),
    );
  }
  expect(await becauseOf({ system: SYSTEM }, '10m')).toBe('saving');
  // The same call without the cache is batched.
  expect(await becauseOf({ system: [{ type: 'text', text: 'Long instructions. '.repeat(2_000) }] }, '10m')).toBe(
    'auto',
  );
});

it('sees loops that have begun in batches, when they come back for their prompts, and leaves them to sync', async () => {
  await fleet.publish({ default: { lane: 'auto', window: '0ms' } });
  const turn = (loop: number) =>
    becauseOf({ system: [{ ...SYSTEM[0], text: `Of loop ${loop}. ${SYSTEM[0]?.text}` }] }, '10m', `loop ${loop}`);
  const turns: (string | null)[] = [];
  for (let i = 0; i < 10; i++) turns.push(await turn(i % 2));
  expect(turns.slice(0, 2)).toEqual(['auto', 'auto']);
  expect(turns.slice(-3)).toEqual(['saving', 'saving', 'saving']);
  // The next one need not find out for itself.
  expect(await turn(2)).toBe('saving');
});
