import { appendFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Load } from '@/e2e/process/load';
import { CLIENT_KEY, type Gateway, startGateway } from '@/e2e/process/start-gateway';
import { waitFor } from '@/e2e/process/wait-for';
import { type Simulator, startSimulator } from '@/lib/simulator/start-simulator';

const CAP_BYTES = 200_000;

let api: Simulator;
let gateway: Gateway;
beforeAll(async () => {
  api = await startSimulator({ sync: { instant: true } });
  gateway = await startGateway({ upstreamUrl: api.url, faultyDatabase: true, spoolCapBytes: CAP_BYTES });
});
afterAll(async () => {
  await gateway?.close();
  await api?.close();
});

const body = () => '{"model":"claude-haiku-5-5","max_tokens":5,"messages":[{"role":"user","content":"hi"}]}';

async function dropped(): Promise<number> {
  const text = await (await fetch(`${gateway.origin}/metrics`)).text();
  return Number(/^offpeak_spool_dropped_total\{reason="full"\} (\d+)/m.exec(text)?.[1] ?? 0);
}

it('a spool at its cap is loud, calls go on, and what it took in is in the log afterwards', async () => {
  gateway.databaseProxy.mode = 'refuse';
  gateway.databaseProxy.reset();
  const load = new Load({ origin: () => gateway.origin, key: CLIENT_KEY, concurrency: 6, body });
  await waitFor('records to be dropped', async () => (await dropped()) > 50);
  const called = await load.stop();
  expect(called.filter((one) => one.status !== 200 || !one.whole)).toEqual([]);
  const { writer, shipper } = gateway.deps.spool;
  expect(writer.dropped).toBe(await dropped());
  // A closed record is written even above the cap: its request is counted in.
  expect(writer.bytes).toBeLessThan(CAP_BYTES + 10_000);

  gateway.databaseProxy.mode = 'pass';
  await waitFor('the spool to be empty', () => shipper.pending === 0);
  const rows = await gateway.logged(1);
  const kept = called.length - writer.dropped;
  expect(rows.filter((row) => row.state === 'succeeded').length).toBe(kept);
  expect(rows.length).toBe(kept);

  // There is room again, and it is used.
  const before = writer.dropped;
  const after = new Load({ origin: () => gateway.origin, key: CLIENT_KEY, concurrency: 2, body });
  await waitFor('calls', () => after.done.length >= 10);
  const more = await after.stop();
  await gateway.logged(kept + more.length);
  expect(writer.dropped).toBe(before);
});

it('lines that a crash or a full disk has torn cost themselves, not their neighbours', async () => {
  const before = (await gateway.logged(1)).length;
  const folder = gateway.deps.spool.writer.folder;
  const [segment = ''] = (await readdir(folder))
    .filter((name) => name.endsWith('.jsonl'))
    .sort()
    .reverse();
  for (const torn of [
    '{"opened":{"id":"0',
    '\n\0\0\0\0\0\0\n',
    'not json at all\n',
    '{"neither":1}\n',
    '[]\n',
    'null\n',
  ]) {
    await appendFile(join(folder, segment), torn);
    const one = await fetch(`${gateway.origin}/v1/messages`, {
      method: 'POST',
      headers: { 'x-api-key': CLIENT_KEY, 'anthropic-version': '2026-10-21', 'content-type': 'application/json' },
      body: body(),
    });
    expect(one.status).toBe(200);
    await one.arrayBuffer();
  }
  // The first torn line swallows the one record that is appended to it; all others are there.
  await gateway.logged(before + 5);
});
