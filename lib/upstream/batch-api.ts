import { z } from 'zod';
import { ApiError, isApiError } from '@/lib/core/errors';
import type { HeaderPairs } from '@/lib/wire/headers';
import { type CollectedAnswer, collect } from './collect';
import { type PostOutcome, postOnce } from './post-once';
import type { Upstream } from './upstream';

/** A Message Batch as upstream tells of it. Times are Unix ms. */
export interface UpstreamBatch {
  id: string;
  status: 'in_progress' | 'canceling' | 'ended';
  counts: Record<string, number>;
  createdAt: number;
  expiresAt: number | null;
  endedAt: number | null;
}

export interface BatchPage {
  /** Newest first. */
  batches: UpstreamBatch[];
  hasMore: boolean;
}

/** An answer of whatever status, or what kept it from coming. */
export type MessageOutcome = { kind: 'answer'; answer: CollectedAnswer } | { kind: 'failed'; error: ApiError };

/** The calls that the batch lane makes of upstream. */
export interface BatchApi {
  /** Paid for: made once, never repeated here. */
  create(call: {
    credential: string;
    headers: HeaderPairs;
    body: readonly Buffer[];
    deadlineMs: number;
    mayWrite(): boolean;
  }): Promise<PostOutcome>;
  /** @throws ApiError when upstream refuses or does not answer. */
  list(credential: string, page: { beforeId?: string; afterId?: string; limit: number }): Promise<BatchPage>;
  /** `null`: upstream knows no such batch. @throws ApiError otherwise. */
  retrieve(credential: string, id: string): Promise<UpstreamBatch | null>;
  /** Calls back with every chunk; resolves at a clean end. @throws ApiError when it breaks, or by what the callback throws. */
  results(credential: string, id: string, onChunk: (chunk: Buffer) => Promise<void>): Promise<void>;
  cancel(credential: string, id: string): Promise<void>;
  /** One synchronous call. Paid for. */
  message(credential: string, call: { target: string; headers: HeaderPairs; body: Buffer }): Promise<MessageOutcome>;
}

/** Sent with the calls that no client's version applies to. */
const API_VERSION: [string, string] = ['anthropic-version', '2023-06-01'];
const BATCHES = '/v1/messages/batches';

const Counts = z.record(z.string(), z.number());
const BatchShape = z.looseObject({
  id: z.string().regex(/^[A-Za-z0-9_-]{1,100}$/),
  processing_status: z.enum(['in_progress', 'canceling', 'ended']),
  request_counts: Counts,
  created_at: z.string(),
  expires_at: z.string().nullish(),
  ended_at: z.string().nullish(),
});
const PageShape = z.looseObject({ data: z.array(BatchShape), has_more: z.boolean() });

/** @throws ZodError when it is no batch. */
export function readBatch(json: unknown): UpstreamBatch {
  const batch = BatchShape.parse(json);
  return {
    id: batch.id,
    status: batch.processing_status,
    counts: batch.request_counts,
    createdAt: Date.parse(batch.created_at),
    expiresAt: batch.expires_at ? Date.parse(batch.expires_at) : null,
    endedAt: batch.ended_at ? Date.parse(batch.ended_at) : null,
  };
}

/**
 * Over raw HTTP: the SDK's `create` rewrites numbers and repeats a call that is not idempotent, and its `results`
 * follows `results_url` with the key to any origin. Here every path is made from the id and the configured origin.
 * @param credentialHeaders the headers of a credential by its name in the lane; `null` when it is gone.
 */
export function batchApi(
  upstream: Upstream,
  credentialHeaders: (credential: string) => Promise<HeaderPairs | null>,
): BatchApi {
  const headersOf = async (credential: string, more: HeaderPairs): Promise<[string, string][]> => {
    const own = await credentialHeaders(credential);
    if (!own) throw new ApiError('authentication_error', 'the credential of this batch is gone');
    return [...more, ...own, ['accept-encoding', 'identity']].map(([name, value]) => [name, value]);
  };
  const ask = async (credential: string, method: string, target: string): Promise<CollectedAnswer> => {
    const headers = await headersOf(credential, [API_VERSION]);
    return collect(upstream, { method, target, headers, body: null }, () => undefined);
  };
  return {
    async create({ credential, headers, body, deadlineMs, mayWrite }) {
      return postOnce(upstream, {
        target: BATCHES,
        headers: await headersOf(credential, [...headers, ['content-type', 'application/json']]),
        body,
        deadlineMs,
        mayWrite,
      });
    },
    async list(credential, { beforeId, afterId, limit }) {
      const query = new URLSearchParams({ limit: String(limit) });
      if (beforeId) query.set('before_id', beforeId);
      if (afterId) query.set('after_id', afterId);
      const page = PageShape.parse(json(await ask(credential, 'GET', `${BATCHES}?${query}`)));
      return { batches: page.data.map(readBatch), hasMore: page.has_more };
    },
    async retrieve(credential, id) {
      const answer = await ask(credential, 'GET', `${BATCHES}/${id}`);
      return answer.status === 404 ? null : readBatch(json(answer));
    },
    async results(credential, id, onChunk) {
      const headers = await headersOf(credential, [API_VERSION]);
      await stream(upstream, { method: 'GET', target: `${BATCHES}/${id}/results`, headers, body: null }, onChunk);
    },
    async cancel(credential, id) {
      json(await ask(credential, 'POST', `${BATCHES}/${id}/cancel`));
    },
    async message(credential, { target, headers, body }) {
      try {
        const all = await headersOf(credential, headers);
        const call = { method: 'POST', target, headers: all, body };
        return { kind: 'answer', answer: await collect(upstream, call, () => undefined) };
      } catch (error) {
        if (!isApiError(error)) throw error;
        return { kind: 'failed', error };
      }
    },
  };
}

/** @throws ApiError with upstream's status when it is no success. */
function json(answer: CollectedAnswer): unknown {
  if (answer.status >= 300) {
    throw new ApiError('api_error', `upstream answered ${answer.status}`, { status: answer.status });
  }
  return JSON.parse(answer.body.toString('utf8'));
}

function stream(
  upstream: Upstream,
  call: Parameters<Upstream['call']>[0],
  onChunk: (chunk: Buffer) => Promise<void>,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let status = 0;
    let queue = Promise.resolve();
    const fail = (error: unknown) => {
      // First the reason: an abort is told of at once, as a broken connection.
      reject(error);
      running.abort();
    };
    const running = upstream.call(call, {
      onHeaders(code) {
        status = code;
      },
      onData(chunk) {
        if (status >= 300) return true;
        // One chunk at a time: what reads it may write to the database.
        queue = queue.then(() => onChunk(chunk)).then(() => running.resume());
        queue.catch(fail);
        return false;
      },
      onEnd() {
        if (status >= 300) fail(new ApiError('api_error', `upstream answered ${status}`, { status }));
        else queue.then(resolve, fail);
      },
      onError({ cause }) {
        queue.catch(() => undefined);
        reject(new ApiError('api_error', 'the results broke off', { cause }));
      },
    });
  });
}
