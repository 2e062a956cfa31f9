import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AuditEntry } from '@/lib/contract/audit';
import { SHIPPED_DOCUMENT } from '@/lib/core/policy/shipped';
import { type AdminProcess, adminProcess } from './admin-process';

let admin: AdminProcess;
beforeAll(async () => {
  admin = await adminProcess();
});
afterAll(() => admin.stop());

const asAdmin = (method: string, path: string, body?: unknown) =>
  admin.call(method, path, { token: admin.tokens.admin, body });
const entries = async (query = ''): Promise<AuditEntry[]> =>
  (await admin.call('GET', `/api/audit${query}`, { token: admin.tokens.viewer })).json.entries;

test('every change is written down with what was before and after, and no secret', async () => {
  const key = (await asAdmin('POST', '/api/keys', { name: 'nightly', tolerance: '2h' })).json;
  await asAdmin('DELETE', `/api/keys/${key.id}`);
  await asAdmin('PUT', '/api/policy', { document: { ...SHIPPED_DOCUMENT, rules: [] }, note: 'quiet', baseVersion: 1 });
  await asAdmin('POST', '/api/policy/versions/1/restore', { note: null });
  await asAdmin('PUT', '/api/policy/paused', { paused: true, note: 'storm' });
  await asAdmin('PUT', '/api/policy/paused', { paused: false });
  const operator = (await asAdmin('POST', '/api/operators', { name: 'eve', role: 'viewer' })).json;
  await asAdmin('DELETE', `/api/operators/${operator.id}`);
  await asAdmin('PUT', '/api/probes', { enabled: false, interval: '1h', models: [], dailyCapUsd: '1' });

  const all = await entries();
  expect(all.map(({ action, object }) => `${action} ${object}`).reverse()).toEqual(
    [
      'key.create nightly',
      'key.revoke nightly',
      'policy.publish version 2',
      'policy.publish version 3',
      'policy.resume policy in force',
      'operator.create eve',
      'operator.delete eve',
      'probes.set probes',
    ].toSpliced(4, 0, 'policy.pause everything to sync'),
  );
  const of = (action: string) => all.find((entry) => entry.action === action);
  expect(of('key.create')).toMatchObject({ before: null, after: { name: 'nightly', tolerance: '2h' } });
  expect(of('policy.pause')).toMatchObject({ before: { paused: false }, after: { paused: true }, note: 'storm' });
  const published = all.filter(({ action }) => action === 'policy.publish').at(-1);
  expect(published).toMatchObject({ before: SHIPPED_DOCUMENT, after: { rules: [] }, note: 'quiet', actor: 'admin' });
  for (const secret of [key.secret, operator.token]) expect(JSON.stringify(all)).not.toContain(secret);
});

test('half a character keeps no change from being written down', async () => {
  const models = ['claude-\ud800'];
  await asAdmin('PUT', '/api/probes', { enabled: false, interval: '30m', models, dailyCapUsd: '0' });
  const [newest] = await entries('?action=probes.set');
  expect(newest?.after).toMatchObject({ models: ['claude-\ufffd'] });
});

test('what was refused is no change', async () => {
  const before = (await entries()).length;
  await asAdmin('PUT', '/api/policy', { document: SHIPPED_DOCUMENT, baseVersion: 1 });
  await asAdmin('POST', '/api/keys', { name: '' });
  await asAdmin('DELETE', '/api/operators/00000000-0000-7000-8000-000000000000');
  expect(await entries()).toHaveLength(before);
});

test('is filtered and paged', async () => {
  expect(new Set((await entries('?action=key.create&action=key.revoke')).map(({ action }) => action)).size).toBe(2);
  expect(await entries('?actor=nobody')).toEqual([]);
  const answer = async (query: string) =>
    (await admin.call('GET', `/api/audit${query}`, { token: admin.tokens.viewer })).json;
  const all = await entries('?limit=500');
  const { facets } = await answer('?actor=nobody');
  // Each filter's values are counted beside the other filters, not beside itself.
  expect(facets.action).toEqual([]);
  expect(facets.actor).toEqual([{ value: 'admin', entries: all.length }]);
  const made = all.filter(({ action }) => action === 'key.create').length;
  expect((await answer('?action=key.create')).facets.actor).toEqual([{ value: 'admin', entries: made }]);
  expect(await entries('?from=now-2d&to=now-1d')).toEqual([]);
  expect(await entries('?from=now-1h')).toHaveLength(Math.min(100, all.length));
  const seen: string[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
    const page = (await admin.call('GET', `/api/audit?limit=2${query}`, { token: admin.tokens.viewer })).json;
    seen.push(...page.entries.map(({ id }: AuditEntry) => id));
    cursor = page.nextCursor;
  }
  expect(seen).toEqual((await entries()).map(({ id }) => id));
  expect((await admin.call('GET', '/api/audit?action=theft', { token: admin.tokens.viewer })).status).toBe(400);
});
