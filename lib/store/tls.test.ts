import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, connect as dial, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openPool } from './connect';

const run = promisify(execFile);
const hasOpenssl = await run('openssl', ['version']).then(
  () => true,
  () => false,
);

let folder: string;
let server: Server;
let names: (string | false)[];
let isFrozen: boolean;

/** Ends TLS in front of the run's database, as a managed service does; its certificate is for `localhost` alone. */
async function startTls(): Promise<Server> {
  const openssl = (...args: string[]) => run('openssl', args, { cwd: folder });
  const key = (name: string) => ['-newkey', 'rsa:2048', '-nodes', '-keyout', `${name}.key`];
  await openssl('req', '-x509', ...key('root'), '-days', '2', '-out', 'root.pem', '-subj', '/CN=a root');
  await openssl('req', ...key('server'), '-out', 'server.csr', '-subj', '/CN=localhost');
  await writeFile(join(folder, 'names'), 'subjectAltName=DNS:localhost');
  const signing = ['-CA', 'root.pem', '-CAkey', 'root.key', '-CAcreateserial', '-days', '2', '-extfile', 'names'];
  await openssl('x509', '-req', '-in', 'server.csr', ...signing, '-out', 'server.pem');
  const [serverKey, cert] = await Promise.all(['server.key', 'server.pem'].map((file) => readFile(join(folder, file))));
  const target = new URL(inject('clusterUrl'));
  const forward = (socket: Socket) => {
    // The client asks for TLS before it says anything else.
    socket.once('data', () => {
      socket.write('S');
      const near = new TLSSocket(socket, { isServer: true, key: serverKey, cert });
      near.once('secure', () => names.push((near as { servername?: string | false }).servername ?? false));
      const far = dial(Number(target.port), target.hostname);
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        from.on('error', () => to.destroy()).on('close', () => to.destroy());
        from.on('data', (chunk) => isFrozen || to.write(chunk));
      }
    });
    socket.on('error', () => undefined);
  };
  const made = createServer(forward);
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
  return made;
}

beforeAll(async () => {
  if (!hasOpenssl) return;
  folder = await mkdtemp(join(tmpdir(), 'offpeak-tls-'));
  [names, isFrozen] = [[], false];
  server = await startTls();
});
afterAll(async () => {
  server?.close();
  if (folder) await rm(folder, { recursive: true, force: true });
});

function pool(host: string, query: string) {
  const url = new URL(inject('clusterUrl'));
  url.host = `${host}:${(server.address() as AddressInfo).port}`;
  url.search = query.replace('ROOT', join(folder, 'root.pem'));
  return openPool(url.href, { name: 'test', max: 1, statementTimeoutMs: 500, pipeline: 10 });
}

async function tried(host: string, query: string): Promise<string> {
  const sql = pool(host, query);
  const said = await sql`select 1`.then(
    () => 'connected',
    ({ code }: { code: string }) => code,
  );
  await sql.end({ timeout: 1 });
  return said;
}

describe.skipIf(!hasOpenssl)('a database behind TLS', () => {
  it('is asked for by its name, and has to prove what sslmode asks for', async () => {
    expect(await tried('localhost', '?sslmode=require')).toBe('connected');
    expect(names).toEqual(['localhost']);
    expect(await tried('localhost', '?sslmode=verify-full&sslrootcert=ROOT')).toBe('connected');
    expect(await tried('localhost', '?sslmode=verify-full')).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
    expect(await tried('127.0.0.1', '?sslmode=verify-ca&sslrootcert=ROOT')).toBe('connected');
    expect(await tried('127.0.0.1', '?sslmode=verify-full&sslrootcert=ROOT')).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
  });

  it('may stop answering: that costs one connection, not the process', async () => {
    const sql = pool('localhost', '?sslmode=require');
    await sql`select 1`;
    isFrozen = true;
    await expect(sql`select 1`).rejects.toThrow('did not answer');
    isFrozen = false;
    // What is asked while the socket is being torn down fails; the write below it too, when nobody listens any more.
    await sql`select 1`.catch(() => undefined);
    expect([...(await sql`select 1 as one`)]).toEqual([{ one: 1 }]);
    await sql.end({ timeout: 1 });
  });
});
