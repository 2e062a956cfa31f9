import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startOffpeak, stopEveryOffpeak } from '@/e2e/process/start-offpeak';
import { readEnv } from '@/lib/env';
import { refuseOwnAddress } from '@/lib/server/choose-upstream';
import { freePort } from '@/lib/server/postgres/free-port';
import { type Simulator, startSimulator } from '@/lib/simulator/start-simulator';
import { type TestDatabase, testDatabase } from '@/lib/testing/test-database';
import { refusedStart } from './refused-start';
import '@/e2e/process/patience';

let api: Simulator;
let database: TestDatabase;
beforeAll(async () => {
  api = await startSimulator({ sync: { instant: true } });
  database = await testDatabase();
});
afterAll(async () => {
  await stopEveryOffpeak();
  await database?.drop();
  await api?.close();
});

const OWN_UPSTREAM = 'OFFPEAK_UPSTREAM_URL leads back to this Offpeak itself; it must name the API behind it.';

async function listenOn(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** Of all starts here: they share a database, and so its root secret. */
const ON_DATABASE = () => ({ DATABASE_URL: database.url, OFFPEAK_SECRET_KEY: 'root-secret-of-this-database' });

describe('its own address as upstream is refused', () => {
  it('in plain text', async () => {
    const port = await freePort(0);
    const env = { PORT: String(port), OFFPEAK_UPSTREAM_URL: `http://localhost:${port}/some/path` };
    const { code, stdout, sentences } = await refusedStart({ ...ON_DATABASE(), ...env, ANTHROPIC_API_KEY: 'k' });
    expect({ code, stdout, sentences }).toEqual({ code: 1, stdout: '', sentences: [OWN_UPSTREAM] });
  });

  it.each([
    ['http://127.0.0.1:3000', {}],
    ['http://[::1]:3000/v1', {}],
    ['http://0.0.0.0:3000', {}],
    ['http://LOCALHOST:3000', { HOST: '0.0.0.0' }],
    ['https://offpeak.example.com', { OFFPEAK_PUBLIC_URL: 'https://offpeak.example.com' }],
    ['https://offpeak.example.com:443/x', { OFFPEAK_PUBLIC_URL: 'https://offpeak.example.com/' }],
    ['http://10.1.2.3:3000', { HOST: '10.1.2.3' }],
  ])('%s with %j', (upstream, env) => {
    const config = readEnv({ NODE_ENV: 'test', OFFPEAK_UPSTREAM_URL: upstream, ...env });
    const origin = config.publicUrl ?? `http://${config.host}:${config.port}`;
    expect(() => refuseOwnAddress(config, origin)).toThrow(OWN_UPSTREAM);
  });

  it.each(['https://api.anthropic.com', 'http://127.0.0.1:3001', 'http://10.1.2.3:3000', 'simulator'])(
    '%s is another',
    (upstream) => {
      const config = readEnv({ NODE_ENV: 'test', OFFPEAK_UPSTREAM_URL: upstream });
      expect(() => refuseOwnAddress(config, 'http://127.0.0.1:3000')).not.toThrow();
    },
  );

  it('behind a forwarder that leads back', async () => {
    const port = await freePort(0);
    const forwarder = createServer((near) => {
      const far = connect(port, '127.0.0.1');
      for (const socket of [near, far]) socket.on('error', () => undefined);
      near.pipe(far).pipe(near);
    });
    const { code, stdout, sentences } = await refusedStart({
      ...ON_DATABASE(),
      PORT: String(port),
      OFFPEAK_UPSTREAM_URL: `http://127.0.0.1:${await listenOn(forwarder)}`,
      ANTHROPIC_API_KEY: 'k',
    });
    forwarder.close();
    expect({ code, stdout, sentences }).toEqual({ code: 1, stdout: '', sentences: [OWN_UPSTREAM] });
  });
});

describe('a port', () => {
  it('that is taken ends the start and names PORT', async () => {
    const server = createServer();
    const port = await listenOn(server);
    const { code, stdout, sentences } = await refusedStart({ ...ON_DATABASE(), PORT: String(port) });
    server.close();
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(sentences).toEqual([`Port ${port} on 127.0.0.1 is in use by another program; set PORT to a free one.`]);
  });

  it('on an address that is not ours ends the start and names HOST', async () => {
    const { code, sentences } = await refusedStart({ ...ON_DATABASE(), HOST: '192.0.2.1' });
    expect({ code, sentences }).toEqual({ code: 1, sentences: ['HOST 192.0.2.1 is no address of this machine.'] });
  });
});

describe('a database that has served a real upstream', () => {
  it('simulates only when told to', async () => {
    const real = { OFFPEAK_UPSTREAM_URL: api.url, ANTHROPIC_API_KEY: 'sim-key' };
    const own = await testDatabase();
    const offpeak = await startOffpeak({ env: { DATABASE_URL: own.url } });
    expect(offpeak.stdout).toContain('Simulated upstream: no ANTHROPIC_API_KEY\n');
    await offpeak.restart(real);
    expect(offpeak.stdout).not.toContain('Simulated');
    const response = await fetch(`${offpeak.origin}/v1/models`, {
      headers: { 'x-api-key': offpeak.apiKey, 'anthropic-version': '2026-10-21' },
    });
    expect([response.status, response.headers.get('x-offpeak-simulated')]).toEqual([200, null]);
    await response.arrayBuffer();
    await offpeak.kill('SIGTERM');

    const { code, stdout, sentences } = await refusedStart({ DATABASE_URL: own.url }, { dataDir: offpeak.dataDir });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(sentences).toEqual([
      'This database has served a real upstream, but no ANTHROPIC_API_KEY is set; set it, or OFFPEAK_UPSTREAM_URL=simulator to simulate on purpose.',
    ]);

    await offpeak.start({ OFFPEAK_UPSTREAM_URL: 'simulator' });
    expect(offpeak.stdout).toContain('Simulated upstream');
    expect((await offpeak.api.requests('endpoint=models')).map((row) => row.simulated)).toEqual([]);
    await offpeak.stop();
    await own.drop();
  });
});
