import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DOORS, type Door } from '@/lib/contract/doors';
import { openApiDocument } from '@/lib/contract/openapi';
import { type AdminProcess, adminProcess, findRoutes } from './admin-process';

/** Whoever adds one here says that strangers may call it. */
const PUBLIC = ['POST /api/session', 'DELETE /api/session'];
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const doors = Object.entries<Door>(DOORS);
const sample = (path: string) => path.replace('{id}', '00000000-0000-4000-8000-000000000000').replace('{version}', '1');
const split = (name: string) => name.split(' ') as [string, string];

let admin: AdminProcess;

beforeAll(async () => {
  admin = await adminProcess();
});
afterAll(() => admin.stop());

test('every method of every route file answers a stranger 401, the public ones apart', async () => {
  const routes = await findRoutes();
  expect(routes.length).toBeGreaterThan(15);
  for (const { path } of routes) {
    const called = path.includes('[[') ? '/api/nowhere' : sample(path);
    for (const method of METHODS) {
      if (PUBLIC.includes(`${method} ${path}`)) continue;
      const answer = await admin.call(method, called, method === 'POST' || method === 'PUT' ? { body: {} } : {});
      expect([method, path, answer.status, answer.json?.error?.type]).toEqual([
        method,
        path,
        401,
        'authentication_error',
      ]);
      expect(answer.headers.get('cache-control')).toBe('no-store');
    }
  }
});

test('every method that a route file takes is in the table, and the other way round', async () => {
  const taken: string[] = [];
  for (const { path } of await findRoutes()) {
    if (path.includes('[[')) continue;
    for (const method of METHODS) {
      const answer = await admin.call(method, sample(path), { token: admin.tokens.admin });
      if (answer.status !== 405) taken.push(`${method} ${path}`);
      else expect(answer.headers.get('allow')).not.toContain(method);
    }
  }
  const withoutHead = taken.filter((name) => !name.startsWith('HEAD '));
  expect(withoutHead.sort()).toEqual(Object.keys(DOORS).sort());
});

describe.each(doors)('%s', (name, door) => {
  const [method, path] = split(name);

  test.each([undefined, 'short', 'opt_wrong-but-well-formed-0123456789', 'with space', '\u00ff'.repeat(20)])(
    'refuses the token %j',
    async (token) => {
      if (PUBLIC.includes(name)) return;
      const answer = await admin.call(method, sample(path), { token, body: method === 'GET' ? undefined : {} });
      expect(answer.status).toBe(401);
    },
  );

  test('refuses roles below its own', async () => {
    const rank = ['viewer', 'operator', 'admin'] as const;
    for (const role of rank.slice(0, Math.max(0, rank.indexOf(door.access as 'viewer')))) {
      const answer = await admin.call(method, sample(path), {
        token: admin.tokens[role],
        body: method === 'GET' ? undefined : {},
      });
      expect([role, answer.status, answer.json.error.type]).toEqual([role, 403, 'permission_error']);
    }
  });
});

test('another method and another path say so', async () => {
  const wrongMethod = await admin.call('DELETE', '/api/policy/explain', { token: admin.tokens.admin });
  expect([wrongMethod.status, wrongMethod.headers.get('allow')]).toEqual([405, 'POST']);
  for (const path of ['/api', '/api/nowhere', '/api/policy/versions/1/2/3', '/api/__proto__']) {
    expect((await admin.call('GET', path, { token: admin.tokens.admin })).json.error.type).toBe('not_found_error');
  }
});

test('the OpenAPI document describes every door', async () => {
  const { json: document } = await admin.call('GET', '/api/openapi.json', { token: admin.tokens.viewer });
  expect(document).toEqual(JSON.parse(JSON.stringify(openApiDocument(admin.deps.origin, '1.2.3'))));
  const described = Object.entries<Record<string, unknown>>(document.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(described.sort()).toEqual(doors.map(([name]) => name).sort());
  const list = document.paths['/api/requests'].get;
  expect(list.parameters.find((one: { name: string }) => one.name === 'model')).toMatchObject({
    in: 'query',
    required: false,
    explode: true,
    schema: { type: 'array' },
  });
  expect(list.responses['200'].content['application/json'].schema.properties.rows.type).toBe('array');
  expect(document.paths['/api/keys'].post.requestBody.content['application/json'].schema.required).toEqual(['name']);
  expect(document.paths['/api/keys/{id}'].delete.responses['204'].content).toBeUndefined();
});
