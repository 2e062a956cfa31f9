import { type ClientRequest, request } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, it } from 'vitest';
import { CLIENT_KEY } from '@/e2e/process/start-gateway';
import { waitFor } from '@/e2e/process/wait-for';
import { ask, type LaneFleet, startLaneFleet } from './lane-fleet';

const MEGABYTE = 1024 * 1024;
const CALLERS = 60;

let fleet: LaneFleet;
beforeAll(async () => {
  fleet = await startLaneFleet();
  await fleet.publish({ default: { lane: 'batch', window: '15m', deadline: '4h' } });
});
afterAll(() => fleet?.close());

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function bufferMegabytes(): number {
  collectGarbage();
  return process.memoryUsage().arrayBuffers / MEGABYTE;
}

/** Not by `fetch`, which keeps what it has sent. */
function call(i: number): ClientRequest {
  const headers = {
    'x-api-key': CLIENT_KEY,
    'anthropic-version': '2023-06-01',
    // Both ways into the batch lane: the plain one, and the one that keeps the answer for its key.
    ...(i % 2 === 1 && { 'idempotency-key': `held-${i}` }),
  };
  const one = request(`${fleet.gateway.origin}/v1/messages`, { method: 'POST', headers });
  one.on('error', () => undefined);
  one.end(JSON.stringify(ask(`${i} ${'x'.repeat(MEGABYTE)}`)));
  return one;
}

it('a caller that waits keeps none of its bytes in memory', async () => {
  const { held } = fleet.gateway.deps.lane;
  const before = bufferMegabytes();
  const calls = Array.from({ length: CALLERS }, (_, i) => call(i));
  await waitFor('every caller to be held', () => held.size === CALLERS, 60_000);
  // What remains are the buffers of the connections to Postgres.
  await waitFor('the bytes to go', () => bufferMegabytes() - before < CALLERS / 3, 10_000);
  for (const one of calls) one.destroy();
}, 90_000);
