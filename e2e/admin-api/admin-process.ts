import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';
import type { RouteHandler } from '@/app/_server';
import { type Deps, publishDeps } from '@/lib/deps';
import { readEnv } from '@/lib/env';
import { createLog } from '@/lib/log';
import { newSecret, Secrets } from '@/lib/secrets';
import { buildDeps } from '@/lib/server/build-deps';
import { connect } from '@/lib/store/connect';
import { createOperator, ensureBuiltInAdmin } from '@/lib/store/operators';
import { testDatabase } from '@/lib/testing/test-database';
import { Upstream } from '@/lib/upstream/upstream';

export const ORIGIN = 'https://offpeak.test';
const APP = fileURLToPath(new URL('../../app', import.meta.url));

// A marker for Next's bundler, which throws anywhere else.
vi.mock('server-only', () => ({}));

export interface Sent {
  token?: string | undefined;
  cookie?: string;
  /** `undefined` sends none. */
  origin?: string | undefined;
  body?: unknown;
  headers?: Record<string, string>;
}

export interface Answered {
  status: number;
  headers: Headers;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: what an answer holds is what the tests are about
  json: any;
}

export interface AdminProcess {
  deps: Deps;
  tokens: Record<'viewer' | 'operator' | 'admin', string>;
  call(method: string, path: string, sent?: Sent): Promise<Answered>;
  /** Stands in for a Postgres that is gone: until `restore` nothing listens where the pools connect. */
  loseDatabase(): () => Promise<void>;
  stop(): Promise<void>;
}

/** A wired process without its listener: the doors are called as Next would call them. */
export async function adminProcess(): Promise<AdminProcess> {
  const database = await testDatabase();
  const dataDir = await mkdtemp(join(tmpdir(), 'offpeak-admin-'));
  const adminToken = newSecret('opt_');
  const upstream = new Upstream({ baseUrl: 'https://api.test', simulated: false, credentials: new Map() });
  const config = readEnv({
    NODE_ENV: 'test',
    OFFPEAK_DATA_DIR: dataDir,
    OFFPEAK_UPSTREAM_KEYS: 'second=SECOND',
    SECOND: 'secret-of-second',
  });
  const secrets = new Secrets('a root secret for tests');
  const deps = buildDeps({
    version: '1.2.3',
    config,
    origin: ORIGIN,
    adminOrigin: ORIGIN,
    adminPort: 80,
    log: createLog('silent'),
    secrets,
    adminToken,
    pools: database.pools,
    upstream,
    upstreamId: 1,
    onHop: () => undefined,
  });
  publishDeps(deps);
  await ensureBuiltInAdmin(database.pools.admin, secrets.hmacSession(adminToken));
  const tokens = { viewer: newSecret('opt_'), operator: newSecret('opt_'), admin: adminToken };
  for (const role of ['viewer', 'operator'] as const) {
    await createOperator(database.pools.admin, { name: role, role, tokenHmac: secrets.hmacSession(tokens[role]) });
  }
  const routes = await findRoutes();
  return {
    deps,
    tokens,
    async call(method, path, sent = {}) {
      const found = match(routes, path.split('?', 1)[0] ?? path);
      const handlers = (await import(found.file)) as Record<string, RouteHandler>;
      const handler = handlers[method];
      if (!handler) throw new Error(`${found.file} exports no ${method}`);
      const response = await handler(request(method, path, sent), {
        params: Promise.resolve(hasParams(found.params) ? found.params : undefined),
      });
      const text = await response.text();
      return { status: response.status, headers: response.headers, text, json: jsonOf(response, text) };
    },
    loseDatabase() {
      const away = connect('postgres://nobody@127.0.0.1:1/none');
      const here = deps.pools;
      deps.pools = away;
      return async () => {
        deps.pools = here;
        await away.close(0);
      };
    },
    async stop() {
      deps.spool.writer.close();
      await upstream.close();
      await database.drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** Next hands `undefined` to a route without parameters. */
function hasParams(params: object): boolean {
  return Object.keys(params).length > 0;
}

function request(method: string, path: string, { token, cookie, origin, body, headers = {} }: Sent): Request {
  const all: Record<string, string> = { ...headers };
  if (token !== undefined) all.authorization = `Bearer ${token}`;
  if (cookie !== undefined) all.cookie = cookie;
  if (origin !== undefined) all.origin = origin;
  if (body !== undefined) all['content-type'] ??= 'application/json';
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return new Request(ORIGIN + path, { method, headers: all, ...(body !== undefined && { body: text }) });
}

export interface FoundRoute {
  file: string;
  /** As the table of doors writes it, such as `/api/keys/{id}`. */
  path: string;
}

/** Every `route.ts` below app/api, as the file tree has them. */
export async function findRoutes(): Promise<FoundRoute[]> {
  const files = await readdir(join(APP, 'api'), { recursive: true });
  return files
    .filter((file) => file.endsWith('route.ts'))
    .map((file) => ({
      file: join(APP, 'api', file),
      path: `/${relative(APP, join(APP, 'api', file)).replace(/\/route\.ts$/, '')}`.replace(/\[(\w+)\]/g, '{$1}'),
    }));
}

function match(routes: readonly FoundRoute[], path: string) {
  const given = path.split('/');
  const fits = ({ path: template }: FoundRoute) => {
    const wanted = template.split('/');
    return wanted.length === given.length && wanted.every((part, i) => part.startsWith('{') || part === given[i]);
  };
  const rest = routes.find((route) => route.path.includes('[['));
  const found = routes.find(fits) ?? rest;
  if (!found) throw new Error('there is no catch-all route');
  if (found === rest) return { file: found.file, params: { path: given.slice(2) } };
  const names = found.path.split('/').map((part, i) => [part, given[i]] as const);
  const params = names
    .filter(([part]) => part.startsWith('{'))
    .map(([part, value]) => [part.slice(1, -1), decodeURIComponent(value ?? '')]);
  return { file: found.file, params: Object.fromEntries(params) as Record<string, string> };
}

function jsonOf(response: Response, text: string): unknown {
  return response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : null;
}
