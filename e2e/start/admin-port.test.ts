import { afterAll, beforeAll, expect, it } from 'vitest';
import { newOffpeak, type Offpeak, stopEveryOffpeak } from '@/e2e/process/start-offpeak';
import '@/e2e/process/patience';

let offpeak: Offpeak;
let admin = '';
beforeAll(async () => {
  offpeak = await newOffpeak({ env: { OFFPEAK_ADMIN_PORT: '0' } });
  await offpeak.start();
  admin = /^Login: (http:\/\/127\.0\.0\.1:\d+)\/login#/.exec(offpeak.lines[1] ?? '')?.[1] ?? '';
});
afterAll(stopEveryOffpeak);

const statusOf = async (url: string) => {
  const headers = { authorization: `Bearer ${offpeak.adminToken}` };
  return (await fetch(url, { headers, redirect: 'manual' })).status;
};

it('a port of their own takes pages, the admin API and the metrics away from the callers’ port', async () => {
  expect(admin).not.toBe(offpeak.origin);
  for (const path of ['/', '/login', '/api/keys', '/api/session', '/metrics']) {
    expect([path, await statusOf(offpeak.origin + path)]).toEqual([path, 404]);
    expect([path, await statusOf(admin + path)]).toEqual([path, 200]);
  }
  expect(await statusOf(`${admin}/v1/models`)).toBe(404);
  for (const path of ['/healthz', '/readyz']) {
    expect([await statusOf(offpeak.origin + path), await statusOf(admin + path)]).toEqual([200, 200]);
  }
  const models = await fetch(`${offpeak.origin}/v1/models`, {
    headers: { 'x-api-key': offpeak.apiKey, 'anthropic-version': '2023-06-01' },
  });
  expect(models.status).toBe(200);
});

it('pages may be logged in to from there alone', async () => {
  const logIn = (origin: string) =>
    fetch(`${admin}/api/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin },
      body: JSON.stringify({ token: offpeak.adminToken }),
    });
  expect([(await logIn(admin)).status, (await logIn(offpeak.origin)).status]).toEqual([200, 403]);
});
