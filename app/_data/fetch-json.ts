import type { ErrorAnswer } from '@/lib/contract/status';

/** A refused or failed call of the admin API, as its envelope tells it. */
export class ApiFailure extends Error {
  constructor(
    /** HTTP status; 0 when no answer came. */
    readonly status: number,
    readonly type: string,
    message: string,
    /** What is wrong with which field of a refused document. */
    readonly faults: readonly { path: string; message: string }[] = [],
    /** Seconds, from `retry-after`. */
    readonly retryAfter: number | null = null,
  ) {
    super(message);
    this.name = 'ApiFailure';
  }
}

export type QueryValue = string | number | readonly string[] | undefined;

interface JsonCall {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Arrays become repeated parameters; undefined and empty text are left out. */
  query?: Readonly<Record<string, QueryValue>>;
  body?: unknown;
  signal?: AbortSignal;
}

/** One call of the admin API. `T` is the contract's type of that door's answer; 204 answers `undefined`. */
export async function fetchJson<T>(path: string, { method = 'GET', query, body, signal }: JsonCall = {}): Promise<T> {
  const init: RequestInit = { method, headers: { accept: 'application/json' }, credentials: 'same-origin' };
  if (signal) init.signal = signal;
  if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers = { accept: 'application/json', 'content-type': 'application/json' };
  }
  let response: Response;
  try {
    response = await fetch(path + queryText(query), init);
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new ApiFailure(0, 'connection_error', 'Offpeak did not answer. Is it still running?');
  }
  if (response.status === 204) return undefined as T;
  const answer: unknown = await response.json().catch(() => null);
  if (response.ok) return answer as T;
  throw failureOf(response, answer);
}

function failureOf(response: Response, answer: unknown): ApiFailure {
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN);
  const seconds = Number.isFinite(retryAfter) ? retryAfter : null;
  if (isErrorAnswer(answer)) {
    return new ApiFailure(response.status, answer.error.type, answer.error.message, answer.errors ?? [], seconds);
  }
  return new ApiFailure(response.status, 'api_error', `Offpeak answered with status ${response.status}.`, [], seconds);
}

function isErrorAnswer(answer: unknown): answer is ErrorAnswer {
  if (typeof answer !== 'object' || answer === null || !('error' in answer)) return false;
  const { error } = answer;
  return typeof error === 'object' && error !== null && 'message' in error && typeof error.message === 'string';
}

/** `?a=1&b=x&b=y`, or nothing. */
export function queryText(query: JsonCall['query']): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== '') params.append(name, String(one));
    }
  }
  const text = params.toString();
  return text ? `?${text}` : '';
}
