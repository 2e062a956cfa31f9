import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Exchange, ResponseBody } from '@/lib/gateway/exchange';
import type { HeaderPairs } from '@/lib/wire/headers';
import { type BodyBudget, BodyShare, readBody } from './read-body';

/** One `node:http` call as the gateway sees it. */
export class NodeExchange implements Exchange {
  readonly method: string;
  readonly target: string;
  readonly headers: HeaderPairs;
  isGone = false;
  responded = false;
  readonly #whenGone: (() => void)[] = [];
  readonly #share: BodyShare;

  constructor(
    private readonly request: IncomingMessage,
    private readonly response: ServerResponse,
    budget: BodyBudget,
    private readonly onWelcome: () => void = () => undefined,
  ) {
    this.#share = new BodyShare(budget);
    this.method = request.method ?? 'GET';
    this.target = request.url ?? '/';
    this.headers = pairs(request.rawHeaders);
    response.once('close', () => {
      this.#share.release();
      if (response.writableFinished) return;
      this.isGone = true;
      for (const callback of this.#whenGone) callback();
    });
  }

  onGone(callback: () => void): void {
    if (this.isGone) callback();
    else this.#whenGone.push(callback);
  }

  readBody(limitBytes: number): Promise<Buffer> {
    return readBody(this.request, limitBytes, this.#share);
  }

  releaseBody(): void {
    this.#share.release();
  }

  welcome(): void {
    this.onWelcome();
  }

  processing(): void {
    const { httpVersionMajor, httpVersionMinor } = this.request;
    if (httpVersionMajor === 1 && httpVersionMinor === 1 && !this.response.headersSent) this.response.writeProcessing();
  }

  respond(status: number, headers: HeaderPairs): ResponseBody {
    this.responded = true;
    const { request, response } = this;
    const flat = headers.flat();
    // The rest of a body that was refused is not worth reading, and one that was too slow may never come: the connection
    // ends with the answer.
    const unread = !request.complete && (status === 408 || !isSmall(request));
    if (unread) flat.push('connection', 'close');
    response.writeHead(status, flat);
    let hasBytes = false;
    // Headers that come with their first bytes travel in one packet; alone, they must not wait for a body.
    process.nextTick(() => {
      if (!hasBytes && !response.destroyed) response.flushHeaders();
    });
    return {
      write(chunk) {
        hasBytes = true;
        return response.destroyed || response.write(chunk);
      },
      onDrain: (callback) => void response.on('drain', callback),
      end() {
        hasBytes = true;
        if (!request.complete) discardRest(request, response, unread ? UNREAD_MS : SMALL_MS);
        response.end();
      },
      destroy: () => void response.destroy(),
    };
  }
}

/** An unread body of at most this is read and dropped, and the connection lives on. */
const SMALL_BYTES = 64 * 1024;

function isSmall({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) <= SMALL_BYTES;
}

/** How long the rest of a refused body may take before its connection goes. */
const UNREAD_MS = 1_000;
const SMALL_MS = 10_000;

// Closing at once would reset the connection and with it the answer that the caller has not read yet.
function discardRest(request: IncomingMessage, response: ServerResponse, withinMs: number): void {
  const giveUp = () => void (request.complete || request.destroy());
  request.resume();
  response.once('finish', () => setTimeout(giveUp, withinMs).unref());
}

function pairs(raw: readonly string[]): HeaderPairs {
  const headers: [string, string][] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) headers.push([raw[i] ?? '', raw[i + 1] ?? '']);
  return headers;
}
