import type Anthropic from '@anthropic-ai/sdk';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { waitFor } from '@/e2e/process/wait-for';
import { parseRequestId } from '@/lib/core/ids';
import { ask, type LaneFleet, startLaneFleet } from './lane-fleet';

/** Its tokens are not a quarter of its characters, which is what Offpeak guesses. $/MTok as listed. */
const MODEL = 'claude-opus-5-5';
const PRICE = { input: 4, output: 20, write: 5, read: 0.2 };
const marked = (text: string) => ({ type: 'text' as const, text, cache_control: { type: 'ephemeral' as const } });
const SYSTEM = [marked('Long instructions, said once and kept. '.repeat(600))];

let fleet: LaneFleet;
let warm = 0;
beforeAll(async () => {
  fleet = await startLaneFleet();
  await fleet.publish({ default: { lane: 'batch', window: '0ms', deadline: '1h' } });
  await send('warm it', {}, 'interactive');
  // What upstream reads of it, by its own count.
  warm = (await send('ask again', {}, 'interactive')).usage.cache_read_input_tokens ?? 0;
  expect(warm).toBeGreaterThan(4_000);
});
afterAll(() => fleet?.close());

async function send(word: string, over: object, tolerance: string) {
  const body = { ...ask(word, { model: MODEL, max_tokens: 64, system: SYSTEM }), ...over };
  const call = fleet.client().messages.create(body, { headers: { 'x-offpeak-tolerance': tolerance } });
  const finishing = setInterval(() => fleet.finishAll(), 100);
  const { data, response } = await call.withResponse().finally(() => clearInterval(finishing));
  return { usage: data.usage, id: parseRequestId(response.headers.get('x-offpeak-request-id') ?? '') };
}

/** USD. */
async function booked(id: string | null) {
  const sql = fleet.gateway.database.pools.hot;
  const rows = await waitFor('it in the log', async () => {
    const found = await sql<{ sync: string; warm: boolean; lane: string }[]>`
      select sync_cost_pico as sync, warm_prefix as warm, lane from requests where id = ${id}`;
    return found.length > 0 && found;
  });
  const [row] = rows as { sync: string; warm: boolean; lane: string }[];
  return { syncUsd: Number(row?.sync) / 1e12, warm: row?.warm, lane: row?.lane };
}

/** What the sync lane bills where it reads `read` tokens, writes the others that are kept, and answers as much. */
function syncUsd(usage: Anthropic.Usage, read: number): number {
  const kept = (usage.cache_creation_input_tokens ?? 0) + (usage.cache_read_input_tokens ?? 0);
  const { input, output, write, read: readPrice } = PRICE;
  return (
    (usage.input_tokens * input + read * readPrice + (kept - read) * write + usage.output_tokens * output) / 1_000_000
  );
}

it('of a batched call counts the prefix that sync had warm as read, by upstream’s count of it', async () => {
  const { id, usage } = await send('batched', {}, '1h');
  const row = await booked(id);
  expect(row).toMatchObject({ warm: true, lane: 'batch' });
  expect(row.syncUsd).toBeCloseTo(syncUsd(usage, warm), 12);
});

it('of one whose mark has moved on counts only what was warm as read, and the rest as written', async () => {
  const more = [{ role: 'user' as const, content: [marked('And this is new, and kept from now on. '.repeat(300))] }];
  const { id, usage } = await send('moved on', { messages: more }, '1h');
  const row = await booked(id);
  expect(row.warm).toBe(true);
  const wanted = syncUsd(usage, warm);
  expect(Math.abs(row.syncUsd / wanted - 1)).toBeLessThan(0.02);
  // All of it read would be a third of that.
  const kept = (usage.cache_creation_input_tokens ?? 0) + (usage.cache_read_input_tokens ?? 0);
  expect(syncUsd(usage, kept)).toBeLessThan(wanted / 2);
});

it('of one whose prefix nobody used counts all of it as written', async () => {
  const other = [marked('Other instructions, never seen before. '.repeat(600))];
  const { id, usage } = await send('cold', { system: other }, '1h');
  const row = await booked(id);
  expect(row.warm).toBe(false);
  expect(row.syncUsd).toBeCloseTo(syncUsd(usage, usage.cache_read_input_tokens ?? 0), 12);
});
