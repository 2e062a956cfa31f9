import type { HeaderPairs } from '@/lib/wire/headers';
import type { Upstream } from './upstream';

export type PostOutcome =
  | { kind: 'answer'; status: number; headers: Record<string, string | string[] | undefined>; body: Buffer }
  /** It failed before the last byte of the body was written: upstream cannot have acted on it. */
  | { kind: 'not_sent'; cause: Error }
  /** It may have been acted on. */
  | { kind: 'unknown'; cause: Error };

export interface PostOnce {
  target: string;
  headers: HeaderPairs;
  body: readonly Buffer[];
  /** ms from now, after which the connection is destroyed, whatever it does. */
  deadlineMs: number;
  /** Asked right before the first byte: false ends it there. */
  mayWrite(): boolean;
}

const MOST_ANSWER_BYTES = 1024 * 1024;

/**
 * One POST that must not happen twice: on a connection of its own, with its length announced, never repeated. Tells
 * apart what certainly did not happen from what may have.
 */
export async function postOnce(upstream: Upstream, post: PostOnce): Promise<PostOutcome> {
  const dispatcher = upstream.newDispatcher();
  const length = post.body.reduce((sum, chunk) => sum + chunk.length, 0);
  const progress = { wroteLast: false };
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(new Error(`no answer within ${post.deadlineMs} ms`)), post.deadlineMs);
  try {
    const answer = await dispatcher.request({
      origin: upstream.origin,
      path: upstream.path(post.target),
      method: 'POST',
      headers: [...post.headers, ['content-length', String(length)]].flat() as string[],
      body: chunks(post, progress) as never,
      signal: giveUp.signal,
    });
    const body = await readAtMost(answer.body, MOST_ANSWER_BYTES);
    return { kind: 'answer', status: answer.statusCode, headers: answer.headers, body };
  } catch (error) {
    const cause = error instanceof Error ? error : new Error(String(error));
    return { kind: progress.wroteLast ? 'unknown' : 'not_sent', cause };
  } finally {
    clearTimeout(timer);
    await dispatcher.destroy();
  }
}

async function* chunks(post: PostOnce, progress: { wroteLast: boolean }): AsyncGenerator<Buffer> {
  if (!post.mayWrite()) throw new Error('its lease was over before the first byte');
  const last = post.body.length - 1;
  for (const [i, chunk] of post.body.entries()) {
    // The last byte alone decides whether upstream can act: from here on it may.
    if (i === last) progress.wroteLast = true;
    yield chunk;
  }
}

async function readAtMost(body: AsyncIterable<Buffer>, most: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of body) {
    bytes += part.length;
    if (bytes > most) throw new Error('the answer is larger than any that create gives');
    parts.push(part);
  }
  return Buffer.concat(parts);
}
