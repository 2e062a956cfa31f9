import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConnectionOptions, PeerCertificate } from 'node:tls';
import { expect, it } from 'vitest';
import { readAddress, withPooler } from './database-address';

const URL_OF = (query: string) => `postgres://u:p%40ss@db.example.com:6432/offpeak${query}`;

it('keeps from the server what is ours or libpq’s, and nothing else', () => {
  const query = '?sslmode=require&channel_binding=require&pooler=transaction&options=-csearch_path%3Dx';
  const { url, pooler, ssl } = readAddress(URL_OF(query));
  expect(new URL(url).search).toBe('?options=-csearch_path%3Dx');
  expect(new URL(url).password).toBe('p%40ss');
  expect(pooler).toBe('transaction');
  expect(ssl).toEqual({ rejectUnauthorized: false });
});

it.each([
  ['', undefined],
  ['?pooler=none', null],
  ['?pooler=session', 'session'],
])('the pooler of "%s"', (query, pooler) => {
  expect(readAddress(URL_OF(query)).pooler).toBe(pooler);
});

it('remembers a pooler that was found', () => {
  for (const pooler of ['transaction', 'session', null] as const) {
    expect(readAddress(withPooler(URL_OF('?sslmode=require'), pooler))).toMatchObject({
      pooler,
      ssl: { rejectUnauthorized: false },
    });
  }
});

it('reads TLS as libpq does', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'offpeak-tls-'));
  const root = join(folder, 'root.pem');
  await writeFile(root, 'a certificate');
  const tls = (query: string) => readAddress(URL_OF(query)).ssl;
  expect(tls('')).toBe(false);
  expect(tls('?sslmode=disable')).toBe(false);
  expect(tls('?sslmode=prefer')).toBe('prefer');
  const checked = { rejectUnauthorized: true, checkServerIdentity: expect.any(Function) };
  expect(tls('?sslmode=verify-full')).toEqual(checked);
  expect(tls('?sslmode=require&sslrootcert=system')).toEqual(checked);
  const ca = Buffer.from('a certificate');
  const modes = ['verify-full', 'verify-ca', 'require'].map((mode) => tls(`?sslmode=${mode}&sslrootcert=${root}`));
  expect(modes).toEqual(modes.map(() => ({ ...checked, ca })));
  // A root certificate asks for a check; the host's name is looked at for `verify-full` alone.
  const other = { subject: { CN: 'other.example.com' }, subjectaltname: 'DNS:other.example.com' } as PeerCertificate;
  const refusals = modes.map((one) => (one as ConnectionOptions).checkServerIdentity?.('localhost', other));
  expect(refusals.map((error) => error?.message)).toEqual([
    expect.stringContaining('db.example.com'),
    undefined,
    undefined,
  ]);
  expect(() => tls(`?sslmode=verify-full&sslrootcert=${folder}/none.pem`)).toThrow(/none\.pem/);
  await rm(folder, { recursive: true });
});
