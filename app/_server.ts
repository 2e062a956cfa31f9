import 'server-only';
import { z } from 'zod';
import { type Authenticated, authenticate, mayAct } from '@/app/api/_door/authenticate';
import { checkOrigin } from '@/app/api/_door/check-origin';
import { failureAnswer, toFailure, unavailable } from '@/app/api/_door/failure';
import { readJsonBody } from '@/app/api/_door/read-json-body';
import { readQuery } from '@/app/api/_door/read-query';
import { readSessionCookie } from '@/app/api/_door/session-cookie';
import type { Door } from '@/lib/contract/doors';
import { ApiError } from '@/lib/core/errors';
import { currentDeps, type Deps } from '@/lib/deps';
import type { Identity } from '@/lib/store/operators';

/** What a handler is given: everything checked. */
export interface Call<D extends Door> {
  deps: Deps;
  operator: D['access'] extends 'public' ? Identity | null : Identity;
  query: D extends { query: infer Q extends z.ZodType } ? z.output<Q> : Record<string, never>;
  body: D extends { body: infer B extends z.ZodType } ? z.output<B> : undefined;
  /** Of the path, such as `id`. */
  params: Readonly<Record<string, string>>;
  request: Request;
  now: Date;
  /** Of the answer; cookies go here. */
  headers: Headers;
}

type Answer<D extends Door> = D extends { answer: infer A extends z.ZodType } ? z.input<A> : unknown;
/** A path without parameters has none at run time, whatever Next's own types say. */
type RouteContext = { params: Promise<Record<string, string | string[] | undefined> | undefined> };
export type RouteHandler = (request: Request, context: RouteContext) => Promise<Response>;

export const DEADLINE_MS = 8_000;
const NO_QUERY = z.strictObject({});
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
type Method = (typeof METHODS)[number];

/**
 * One door of the admin API: authenticates and authorises, checks origin, query and body, calls the handler, and turns
 * its value (or a `Response` that is none of the described ones) or its failure into an answer. The role check is here, in front of every handler, and nowhere else.
 */
export function route<D extends Door>(
  door: D,
  handle: (call: Call<D>) => Promise<Answer<D> | Response>,
  deadlineMs = DEADLINE_MS,
): RouteHandler {
  return (request, context) =>
    answering(request, deadlineMs, async (deps) => {
      const caller = await admit(deps, request, door);
      const headers = new Headers({ 'cache-control': 'no-store' });
      const call = {
        deps,
        operator: caller?.operator ?? null,
        query: readQuery(door.query ?? NO_QUERY, new URL(request.url).searchParams),
        body: door.body && (await readJsonBody(door.body, request, door.mostMb)),
        params: single(await context.params),
        request,
        now: new Date(deps.clock.now()),
        headers,
      } as unknown as Call<D>;
      const answer = await handle(call);
      if (answer instanceof Response) return answer;
      if (door.status === 204) return new Response(null, { status: 204, headers });
      assertDescribed(door, answer);
      return Response.json(answer, { status: door.status ?? 200, headers });
    });
}

/** All methods of one path: those without a handler answer 405, to operators, and 401 to anyone else. */
export function methods(handlers: Partial<Record<Method, RouteHandler>>): Record<Method, RouteHandler> {
  const allow = METHODS.filter((method) => handlers[method] || (method === 'HEAD' && handlers.GET)).join(', ');
  const refuse: RouteHandler = (request) =>
    answering(request, DEADLINE_MS, async (deps) => {
      await admit(deps, request, { access: 'viewer', summary: '' });
      throw new ApiError('invalid_request_error', `This path takes ${allow}`, { status: 405, headers: { allow } });
    });
  const head = handlers.GET ?? refuse;
  const all = METHODS.map((method) => [method, handlers[method] ?? (method === 'HEAD' ? head : refuse)] as const);
  return Object.fromEntries(all) as Record<Method, RouteHandler>;
}

/**
 * Answers who calls, or `null` at a public door.
 * @throws ApiError 401 without a valid token or session, 403 below the door's role or from a foreign page.
 */
export async function admit(deps: Deps, request: Request, door: Door): Promise<Authenticated | null> {
  if (door.access === 'public') {
    checkOrigin(request, deps, readSessionCookie(request) === null);
    return null;
  }
  const caller = await authenticate(deps, request);
  if (!caller) throw new ApiError('authentication_error', 'An operator token or a session is needed');
  checkOrigin(request, deps, !caller.byCookie);
  if (!mayAct(caller.operator, door.access)) {
    throw new ApiError('permission_error', `This needs the role ${door.access}; yours is ${caller.operator.role}`);
  }
  return caller;
}

/** One try/catch, one deadline, one count for every call of the admin API. */
export async function answering(
  request: Request,
  deadlineMs: number,
  work: (deps: Deps) => Promise<Response>,
): Promise<Response> {
  const deps = currentDeps();
  let response: Response;
  try {
    response = await within(deadlineMs, work(deps));
  } catch (error) {
    const door = `${request.method} ${new URL(request.url).pathname.slice(0, 100)}`;
    response = failureAnswer(toFailure(error, deps.log, door));
  }
  deps.metrics.apiCalls.inc({ status: `${Math.floor(response.status / 100)}xx` });
  return response;
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(unavailable('The answer took too long; try again, or choose a shorter range', 5)),
      ms,
    );
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}

function single(params: Record<string, string | string[] | undefined> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, [value ?? []].flat().join('/')]));
}

// Next replaces NODE_ENV when it builds: in production this costs nothing.
function assertDescribed(door: Door, answer: unknown): void {
  if (process.env.NODE_ENV === 'production' || !door.answer) return;
  const checked = door.answer.safeParse(answer);
  if (!checked.success) throw new Error(`an answer breaks the contract: ${checked.error.message.slice(0, 1_000)}`);
}
