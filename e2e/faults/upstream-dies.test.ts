import { afterAll, beforeAll, expect, it } from 'vitest';
import { CLIENT_KEY, type Gateway, startGateway } from '@/e2e/process/start-gateway';
import { type SimulatorProcess, startSimulatorProcess } from '@/e2e/process/start-simulator-process';
import { waitFor } from '@/e2e/process/wait-for';

let api: SimulatorProcess;
let gateway: Gateway;
beforeAll(async () => {
  api = await startSimulatorProcess(['--instant']);
  gateway = await startGateway({ upstreamUrl: api.url });
});
afterAll(async () => {
  await gateway?.close();
  await api?.kill();
});

async function begin() {
  const response = await fetch(`${gateway.origin}/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': CLIENT_KEY, 'anthropic-version': '2026-10-21', 'content-type': 'application/json' },
    body: '{"model":"claude-haiku-5-5","max_tokens":50,"stream":true,"messages":[{"role":"user","content":"hi"}]}',
  });
  return { id: response.headers.get('x-offpeak-request-id'), status: response.status, response };
}

it('an API that dies under its calls cuts them, is told of, and is used again when it is back', async () => {
  await api.addFault({ fault: { kind: 'silence', when: 'mid_body', after: 3 } });
  const running = await Promise.all([begin(), begin(), begin()]);
  expect(running.map((call) => call.status)).toEqual([200, 200, 200]);
  await api.kill();
  for (const { id, response } of running) {
    await expect(response.text()).rejects.toThrow();
    expect(await gateway.loggedAs(id)).toMatchObject({ state: 'failed', error_type: 'api_error', estimated: true });
  }
  expect((await begin()).status).toBe(502);
  expect(await (await fetch(`${gateway.origin}/readyz`)).json()).toMatchObject({ upstream: 'down' });

  api = await startSimulatorProcess(['--instant', '--port', new URL(api.url).port]);
  const again = await waitFor('an answer', async () => {
    const call = await begin();
    return call.status === 200 && call;
  });
  expect(await again.response.text()).toContain('event: message_stop');
  expect((await api.ledger()).totals.billed).toBe(1);
  expect(await (await fetch(`${gateway.origin}/readyz`)).json()).toMatchObject({ upstream: 'up' });
});
