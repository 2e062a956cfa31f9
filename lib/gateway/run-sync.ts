import { requestId } from '@/lib/core/ids';
import type { TerminalState } from '@/lib/core/request-states';
import type { Deps } from '@/lib/deps';
import { upstreamError } from '@/lib/upstream/collect';
import type { RunningCall, UpstreamFailure } from '@/lib/upstream/upstream';
import { errorEnvelope } from '@/lib/wire/error-envelope';
import { toClient } from '@/lib/wire/headers';
import { createTap, type Tap } from '@/lib/wire/usage-tap';
import { bookAttempt } from './book-attempt';
import { type Call, offpeakHeaders } from './call';
import type { ResponseBody } from './exchange';
import { notePrefix } from './note-prefix';

/**
 * Relays one call to upstream and its answer back, byte by byte: status, headers and body as upstream sent them, no
 * buffering, the reading speed of the caller carried through. Resolves when the answer is finished, however it ended.
 *
 *   opened (spool) ─► upstream call ─► headers ─► chunks, shown to the tap ─► closed (spool) ─► the last byte
 */
export function runSync(deps: Deps, call: Call): Promise<void> {
  return new Promise((resolve) => new SyncRun(deps, call, () => resolve(), false).start());
}

/** The same for a call that may wait: an upstream that is overloaded gets to answer nothing, and the call spills over. */
export function runSyncOrSpill(deps: Deps, call: Call): Promise<Refusal | null> {
  return new Promise((resolve) => new SyncRun(deps, call, resolve, true).start());
}

/** An overloaded upstream's answer, not handed on. */
export interface Refusal {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

class SyncRun {
  #running: RunningCall | null = null;
  #out: ResponseBody | null = null;
  #tap: Tap = createTap(null);
  #status: number | null = null;
  #upstreamRequestId: string | null = null;
  /** Body bytes that upstream announced and that have not come yet; `null`: it did not say. */
  #remaining: number | null = null;
  #isStream = false;
  #firstByteMs: number | null = null;
  #wallStart = 0;
  #closed = false;
  #refusal: { status: number; headers: Refusal['headers']; chunks: Buffer[] } | null = null;
  #response: Buffer[] | null;

  constructor(
    private readonly deps: Deps,
    private readonly call: Call,
    private readonly done: (refusal: Refusal | null) => void,
    private readonly maySpill: boolean,
  ) {
    this.#response = deps.config.logBodies && call.store && call.endpoint === 'messages' ? [] : null;
  }

  start(): void {
    const { deps, call } = this;
    const { exchange } = call;
    deps.spool.writer.opened(call.opened);
    this.#wallStart = deps.clock.now();
    deps.metrics.overhead.observe((deps.clock.monotonic() - call.startedAt) / 1_000);
    this.#running = deps.upstream.call(
      {
        method: exchange.method,
        target: exchange.target,
        headers: call.upstreamHeaders,
        body: call.body.length > 0 ? call.body : null,
      },
      {
        onHeaders: (status, headers) => this.#onHeaders(status, headers),
        onData: (chunk) => this.#onData(chunk),
        onEnd: () => this.#onEnd(),
        onError: (failure) => this.#onError(failure),
      },
    );
    exchange.onGone(() => this.#running?.abort());
  }

  #onHeaders(status: number, headers: Record<string, string | string[] | undefined>): void {
    const { deps, call } = this;
    if (this.maySpill && isOverload(status, headers)) {
      this.#refusal = { status, headers, chunks: [] };
      return;
    }
    this.#status = status;
    this.#upstreamRequestId = one(headers['request-id']);
    const contentType = one(headers['content-type']);
    this.#isStream = contentType?.toLowerCase().startsWith('text/event-stream') ?? false;
    if (call.endpoint === 'messages') this.#tap = createTap(contentType);
    // Nothing but a success proves it: overload and limits may be answered before anybody looks at a credential.
    if (call.principal.credential && status < 300) deps.lane.accepted.add(call.principal.credential);
    const length = one(headers['content-length']);
    this.#remaining = length !== null && /^\d+$/.test(length) ? Number(length) : null;
    this.#out = call.exchange.respond(status, [...toClient(headers), ...offpeakHeaders(deps, call.opened)]);
    this.#out.onDrain(() => this.#running?.resume());
  }

  #onData(chunk: Buffer): boolean {
    if (this.#refusal) {
      this.#refusal.chunks.push(chunk);
      return true;
    }
    this.#firstByteMs ??= this.#elapsed();
    if (this.call.endpoint === 'messages') this.#tap.push(chunk);
    this.#response?.push(chunk);
    if (this.#remaining !== null) this.#remaining -= chunk.length;
    // The record comes before the caller's last byte: it may be gone, and we too, right after.
    if (this.#remaining === 0 || (this.#isStream && this.#tap.observed.complete)) this.#close(true, null);
    return this.#out?.write(chunk) ?? true;
  }

  #onEnd(): void {
    if (this.#refusal) {
      this.#spill();
      return;
    }
    this.#close(true, null);
    this.#out?.end();
    this.done(null);
  }

  /** Not closed: the batch lane does that when it has an outcome. */
  #spill(): void {
    const { status = 529, headers = {}, chunks = [] } = this.#refusal ?? {};
    this.done({ status, headers, body: Buffer.concat(chunks) });
  }

  #onError(failure: UpstreamFailure): void {
    const { call, deps } = this;
    if (this.#refusal && failure.kind !== 'aborted') {
      this.#spill();
      return;
    }
    if (failure.kind === 'aborted') {
      this.#close(false, deps.lifecycle.cut ? 'interrupted' : 'aborted');
      this.done(null);
      return;
    }
    const error = upstreamError(failure);
    const why = String((failure.cause as { code?: unknown }).code ?? failure.cause.message);
    deps.log.warn({ request: requestId(call.id), kind: failure.kind, why }, 'upstream call failed');
    const envelope = errorEnvelope(error, requestId(call.id));
    if (this.#out === null) {
      this.#status = error.status;
      this.#close(false, 'failed', error.type);
      const headers: [string, string][] = [
        ['content-type', 'application/json'],
        ['content-length', String(envelope.length)],
        ['request-id', requestId(call.id)],
      ];
      const out = call.exchange.respond(error.status, [...headers, ...offpeakHeaders(deps, call.opened)]);
      out.write(envelope);
      out.end();
    } else {
      this.#close(false, 'failed', error.type);
      // Upstream went silent inside a stream: say so in the stream's own terms. A broken one stays visibly broken.
      if (failure.kind === 'silent' && this.#isStream) {
        this.#out.write(Buffer.from(`event: error\ndata: ${envelope}\n\n`));
        this.#out.end();
      } else this.#out.destroy();
    }
    this.done(null);
  }

  /** Writes the log's second record. Once; what comes after it is only bytes. */
  #close(clean: boolean, state: TerminalState | null, errorType: string | null = null): void {
    if (this.#closed) return;
    this.#closed = true;
    const { deps, call } = this;
    this.#tap.finish(clean);
    const { observed } = this.#tap;
    const failure = errorType ?? this.#upstreamFault(clean);
    const endedAs = state ?? (failure === null ? 'succeeded' : 'failed');
    const latencyMs = this.#elapsed();
    const attempt = bookAttempt(deps, call, {
      observed,
      startedAt: this.#wallStart,
      endedAt: deps.clock.now(),
      httpStatus: this.#status,
      errorType: failure,
      upstreamRequestId: this.#upstreamRequestId,
      delivered: this.#out !== null,
    });
    deps.spool.writer.closed({
      id: call.id,
      state: endedAs,
      servedBy: this.#out === null ? null : 'sync',
      httpStatus: this.#status,
      errorType: failure,
      ttfbMs: this.#firstByteMs,
      latencyMs,
      upstreamRequestId: this.#upstreamRequestId,
      attempts: [attempt],
    });
    deps.metrics.requests.inc({ endpoint: call.endpoint, lane: 'sync', state: endedAs });
    deps.metrics.latency.observe({ endpoint: call.endpoint, lane: 'sync' }, latencyMs / 1_000);
    notePrefix(deps, call, observed.usage);
    if (this.#response) {
      deps.bodies.keep(call.id, call.body.toString('utf8'), Buffer.concat(this.#response).toString('utf8'));
    }
  }

  /** The error that upstream's own answer holds, or `null` when it is a whole and good one. */
  #upstreamFault(clean: boolean): string | null {
    const { observed } = this.#tap;
    if (observed.errorType !== null) return observed.errorType;
    if (this.#status !== null && this.#status >= 400) return `http_${this.#status}`;
    if (!clean || observed.complete || this.call.endpoint !== 'messages') return null;
    return this.#isStream ? 'incomplete_stream' : 'incomplete_body';
  }

  /** ms, to the microsecond. */
  #elapsed(): number {
    return Math.round((this.deps.clock.monotonic() - this.call.startedAt) * 1_000) / 1_000;
  }
}

/** Overload, which passes. Of a 429 the body has yet to say whether it is a spend cap, which does not. */
function isOverload(status: number, headers: Refusal['headers']): boolean {
  return status === 529 || (status === 429 && headers['retry-after'] !== undefined);
}

function one(value: string | string[] | undefined): string | null {
  return (Array.isArray(value) ? value[0] : value) ?? null;
}
