import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AdminProcess, adminProcess } from './admin-process';

let admin: AdminProcess;

beforeAll(async () => {
  admin = await adminProcess();
});
afterAll(() => admin.stop());

const PATH = '/api/policy/draft';
const draftOf = async (token: string) => (await admin.call('GET', PATH, { token })).json.draft;

test('each operator has a draft of their own, whatever it says, until they discard it', async () => {
  const { operator, admin: other, viewer } = admin.tokens;
  expect(await draftOf(operator)).toBeNull();
  for (const document of [{ rules: [], default: { lane: 'sync' } }, '{"rules": [', { rules: 5 }]) {
    const kept = await admin.call('PUT', PATH, { token: operator, body: { document, baseVersion: 1 } });
    expect(kept.status).toBe(200);
    expect(await draftOf(operator)).toMatchObject({ document, baseVersion: 1, updatedAt: kept.json.updatedAt });
  }
  expect([await draftOf(other), await draftOf(viewer)]).toEqual([null, null]);
  expect((await admin.call('DELETE', PATH, { token: operator })).status).toBe(204);
  expect(await draftOf(operator)).toBeNull();
});

test('half a character is kept as its stand-in, too long a draft is refused', async () => {
  const { operator } = admin.tokens;
  const put = (document: unknown) => admin.call('PUT', PATH, { token: operator, body: { document, baseVersion: 1 } });
  expect((await put({ note: 'a\ud800b', rest: '\ud83d\ude42' })).status).toBe(200);
  expect((await draftOf(operator)).document).toEqual({ note: 'a\ufffdb', rest: '\ud83d\ude42' });
  expect((await put({ note: '\\ud800' })).json.document).toEqual({ note: '\\ud800' });
  expect((await put('x'.repeat(140_000))).status).toBe(413);
  expect((await draftOf(operator)).document).toHaveProperty('note');
});
