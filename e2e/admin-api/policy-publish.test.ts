// biome-ignore-all lint/suspicious/noThenProperty: the document's own word
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { SHIPPED_DOCUMENT } from '@/lib/core/policy/shipped';
import { type AdminProcess, adminProcess } from './admin-process';

let admin: AdminProcess;
/** The version in force when a test begins. */
let version: number;

beforeAll(async () => {
  admin = await adminProcess();
});
afterAll(() => admin.stop());
beforeEach(async () => {
  version = (await as('viewer', 'GET', '/api/policy')).json.version;
});

const as = (role: keyof AdminProcess['tokens'], method: string, path: string, body?: unknown) =>
  admin.call(method, path, { token: admin.tokens[role], body });
const put = (document: unknown, rest: object = { baseVersion: version }) =>
  as('operator', 'PUT', '/api/policy', { document, ...rest });

const RULE = { id: 'r', name: 'R', enabled: true, when: {}, then: { lane: 'sync' } };
const SYNC = { rules: [], default: { lane: 'sync' } };

test('a version has its number, its author, its reason and its document, and is in force at once', async () => {
  const { status, json } = await put(SYNC, { baseVersion: version, note: 'quiet' });
  expect([status, json]).toEqual([
    200,
    {
      version: version + 1,
      document: SYNC,
      publishedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      author: 'operator',
      note: 'quiet',
      paused: false,
      warnings: [],
    },
  ]);
  const { warnings: _, ...published } = json;
  expect((await as('viewer', 'GET', '/api/policy')).json).toEqual(published);
  expect(admin.deps.policy.current.version).toBe(version + 1);
});

test('what no call can reach is published, with a warning', async () => {
  const { status, json } = await put({ ...SYNC, rules: [RULE, { ...RULE, id: 's', then: { lane: 'batch' } }] });
  expect(status).toBe(200);
  expect(json.warnings).toEqual([
    { path: 'rules[1].when', rule: 's', message: 'no call gets here: rule "r" takes each one first' },
  ]);
});

test('another version since is a conflict, and nothing is overwritten', async () => {
  await put(SYNC);
  const { status, json } = await put({ ...SYNC, default: { lane: 'batch' } });
  expect([status, json.error.type, json.error.message]).toEqual([
    409,
    'conflict_error',
    expect.stringContaining(`Version ${version}`),
  ]);
  expect((await as('viewer', 'GET', '/api/policy')).json).toMatchObject({ version: version + 1, document: SYNC });
});

test('of two at the same moment one wins', async () => {
  const both = await Promise.all([put(SYNC), put({ ...SYNC, default: { lane: 'batch' } })]);
  expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
});

describe('refused, with the path of each fault', () => {
  test.each<[string, unknown, object, string[]]>([
    ['a document that is none', 7, {}, ['']],
    ['no document', undefined, {}, ['document']],
    ['no rules', { default: { lane: 'sync' } }, {}, ['rules']],
    [
      'three faults',
      {
        timeZone: 'Mars/Olympus',
        rules: [{ ...RULE, when: { field: 'nope', op: 'eq', value: 1 }, then: { lane: 'batch', deadline: '25h' } }],
        default: { lane: 'sync' },
      },
      {},
      ['timeZone', 'rules[0].when.field', 'rules[0].then.deadline'],
    ],
    ['too large', { ...SYNC, rules: [{ ...RULE, note: 'x'.repeat(66_000) }] }, {}, ['']],
    ['no base version', SYNC, { baseVersion: undefined }, ['baseVersion']],
    ['half a base version', SYNC, { baseVersion: 1.5 }, ['baseVersion']],
    ['an unknown part', SYNC, { wish: 1 }, ['wish']],
  ])('%s', async (_, document, rest, paths) => {
    const { status, json } = await put(document, { baseVersion: version, ...rest });
    expect([status, json.error.type]).toEqual([422, 'invalid_request_error']);
    expect(json.errors.map(({ path }: { path: string }) => path)).toEqual(paths);
    for (const { message } of json.errors) expect(message).not.toMatch(/Invalid input|undefined/);
    expect((await as('viewer', 'GET', '/api/policy')).json.version).toBe(version);
  });

  test('in words', async () => {
    const { json } = await as('operator', 'PUT', '/api/policy', { document: SYNC, note: 5 });
    expect(json.errors).toEqual([
      { path: 'note', message: 'must be text' },
      { path: 'baseVersion', message: 'is missing' },
    ]);
    const { json: early } = await as('operator', 'PUT', '/api/policy', { document: SYNC, baseVersion: 0 });
    expect(early.errors).toEqual([{ path: 'baseVersion', message: 'must be more than 0' }]);
  });
});

test('an old version comes back as a new one; its author and reason are of now', async () => {
  await put(SYNC);
  for (const [body, note] of [
    [undefined, 'Restored from version 1'],
    [{}, 'Restored from version 1'],
    [{ note: 'as before' }, 'as before'],
  ] as const) {
    const before = (await as('viewer', 'GET', '/api/policy')).json.version;
    const { status, json } = await as('operator', 'POST', '/api/policy/versions/1/restore', body);
    expect([status, json]).toMatchObject([
      200,
      { version: before + 1, document: SHIPPED_DOCUMENT, author: 'operator', note },
    ]);
  }
  const stale = await as('operator', 'POST', '/api/policy/versions/1/restore', { baseVersion: version });
  expect([stale.status, stale.json.error.type]).toEqual([409, 'conflict_error']);
  for (const path of ['/api/policy/versions/99999/restore', '/api/policy/versions/0/restore']) {
    expect((await as('operator', 'POST', path, {})).status).toBe(404);
  }
});

test('every version stays readable', async () => {
  await put(SYNC, { baseVersion: version, note: 'one more' });
  const { versions } = (await as('viewer', 'GET', '/api/policy/versions')).json;
  expect(versions.map((one: { version: number }) => one.version)).toEqual(
    Array.from({ length: version + 1 }, (_, i) => version + 1 - i),
  );
  expect((await as('viewer', 'GET', `/api/policy/versions/${version + 1}`)).json).toEqual(versions[0]);
  expect(versions.at(-1)).toMatchObject({ version: 1, document: SHIPPED_DOCUMENT, publishedAt: null });
  expect((await as('viewer', 'GET', '/api/policy/versions/x')).status).toBe(404);
});

test('the switch holds in the process at once, and leaves the version as it is', async () => {
  for (const paused of [true, false]) {
    const { status, json } = await as('operator', 'PUT', '/api/policy/paused', { paused, note: 'storm' });
    expect([status, json.version, json.paused]).toEqual([200, version, paused]);
    expect(admin.deps.policy.current.paused).toBe(paused);
  }
  expect((await as('operator', 'PUT', '/api/policy/paused', { paused: 'yes' })).json.errors).toEqual([
    { path: 'paused', message: 'must be true or false' },
  ]);
});
