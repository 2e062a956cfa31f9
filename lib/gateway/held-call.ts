import type { ApiError } from '@/lib/core/errors';
import { requestId, type Uuid } from '@/lib/core/ids';
import type { OpenedRecord } from '@/lib/core/request-record';
import type { Lane, TerminalState } from '@/lib/core/request-states';
import type { Deps } from '@/lib/deps';
import type { ItemAnswer } from '@/lib/store/lane/lane-store';
import { envelopeFor, errorEnvelope } from '@/lib/wire/error-envelope';
import { errorEvent, messageToSse, PING } from '@/lib/wire/message-to-sse';
import { answerError } from './answer-error';
import { offpeakHeaders } from './call';
import type { Exchange, ResponseBody } from './exchange';
import type { HoldPace } from './hold-pace';
import { noteItemPrefix } from './note-prefix';
import type { WatchedPrefix } from './prefix-watch';

/** A caller whose call is an item of the batch lane. */
export interface HeldCallOptions {
  id: Uuid;
  callerEpoch: number;
  exchange: Exchange;
  opened: OpenedRecord;
  /** What upstream's prompt cache may keep of it. */
  prefix: WatchedPrefix | null;
  /** As this connection asked for it; a retry may ask differently than the first copy. */
  stream: boolean;
  /** Monotonic ms at which this connection's request was read. */
  startedAt: number;
  /** It came back to an item that was there. */
  isReplay: boolean;
  /** ms of silence that its client bears. */
  patienceMs: number;
  bearsProcessing: boolean;
  /** How often it may still be told to come back. */
  handOvers: number;
}

export type Sign = 'none' | 'hand_over';

const SPACE = Buffer.from(' ');
const JSON_TYPE: [string, string] = ['content-type', 'application/json'];

/**
 * One connection that waits, and what its client gets to see meanwhile:
 *
 *   silent ─► (102 …) ─► 504 "come back"                 while hand-overs are left
 *        └──► 200 committed: pings, or spaces ─► answer   when its client must see bytes
 *
 * Bytes are committed as late as the client bears, so that an early failure keeps its real status. After an early 200
 * there is never an error object: a stream ends with an `error` event, any other connection is cut.
 */
export class HeldCall {
  #out: ResponseBody | null = null;
  #signedAt: number;
  #firstByteMs: number | null = null;

  constructor(
    private readonly deps: Deps,
    readonly options: HeldCallOptions,
    private readonly pace: HoldPace,
  ) {
    this.#signedAt = options.startedAt;
  }

  get isCommitted(): boolean {
    return this.#out !== null;
  }

  get isGone(): boolean {
    return this.options.exchange.isGone;
  }

  /** Gives what sign of life is due; tells when the caller is to be handed over instead. */
  sign(now: number): Sign {
    const { startedAt, patienceMs, stream, handOvers, exchange, bearsProcessing } = this.options;
    const waited = now - startedAt;
    const isDue = now - this.#signedAt >= this.pace.signEveryMs;
    if (this.#out) {
      if (isDue) this.#say(now);
      return 'none';
    }
    if (handOvers > 0) return waited >= patienceMs ? 'hand_over' : 'none';
    if (waited >= patienceMs || (stream && waited >= this.pace.signEveryMs)) this.#commit(now);
    else if (isDue && bearsProcessing) {
      this.#signedAt = now;
      exchange.processing?.();
    }
    return 'none';
  }

  /** Ends the wait with the item's outcome. Its log record is on disk before the last byte goes. */
  deliver(told: ItemAnswer): void {
    const { exchange, id, stream } = this.options;
    if (exchange.isGone) return;
    const answer = told.servedBy === null ? { ...told, body: envelopeFor(told.body, requestId(id)) } : told;
    const isGood = answer.outcome === 'answered';
    if (this.#out === null) {
      const body = isGood && stream ? messageToSse(answer.body) : [answer.body];
      const type = isGood && stream ? STREAM_HEADERS : [JSON_TYPE];
      const length = body.reduce((sum, chunk) => sum + chunk.length, 0);
      this.#out = exchange.respond(answer.status, [
        ...type,
        ['content-length', String(length)],
        ...this.#requestIdOf(answer),
        ...this.#ownHeaders(answer.servedBy ?? 'batch'),
      ]);
      this.#finish(answer, body, true);
    } else if (isGood) this.#finish(answer, stream ? messageToSse(answer.body) : [answer.body], true);
    else if (stream) this.#finish(answer, [errorEvent(answer.body)], true);
    else this.#finish(answer, [], false);
  }

  /**
   * Ends the wait with what another connection was answered. False: no byte has gone yet, so it can be answered like
   * that one, with its status and headers.
   */
  repeat({ status, body }: { status: number; body: Buffer }): boolean {
    if (this.#out === null) return false;
    const isGood = status < 300;
    if (isGood) this.#out.write(body);
    else if (this.options.stream) this.#out.write(errorEvent(body));
    if (isGood || this.options.stream) this.#out.end();
    else this.#out.destroy();
    return true;
  }

  /** Ends the wait without an outcome: the item lives on, and its retry finds it. */
  turnAway(error: ApiError): void {
    const { exchange, id, stream, opened } = this.options;
    if (exchange.isGone) return;
    if (this.#out === null) answerError(exchange, id, error, this.#ownHeaders(opened.lane));
    else if (stream) {
      this.#out.write(errorEvent(errorEnvelope(error, requestId(id))));
      this.#out.end();
    } else this.#out.destroy();
  }

  #commit(now: number): void {
    const { exchange, stream, opened } = this.options;
    const headers = stream ? STREAM_HEADERS : [JSON_TYPE];
    this.#out = exchange.respond(200, [
      ...headers,
      ['request-id', requestId(this.options.id)],
      ...this.#ownHeaders(opened.lane),
    ]);
    this.#say(now);
  }

  #say(now: number): void {
    this.#signedAt = now;
    this.#firstByteMs ??= now - this.options.startedAt;
    this.#out?.write(this.options.stream ? PING : SPACE);
  }

  #finish(answer: ItemAnswer, body: readonly Buffer[], isWhole: boolean): void {
    const now = this.deps.clock.monotonic();
    this.#firstByteMs ??= now - this.options.startedAt;
    this.#log(answer, isWhole, now);
    for (const chunk of body) this.#out?.write(chunk);
    if (isWhole) this.#out?.end();
    else this.#out?.destroy();
  }

  #log(answer: ItemAnswer, isWhole: boolean, now: number): void {
    const { deps, options } = this;
    const { opened } = options;
    const state: TerminalState = answer.outcome === 'answered' ? 'succeeded' : 'failed';
    // One that came back has waited since its first copy arrived.
    const latencyMs = options.isReplay ? deps.clock.now() - opened.arrivedAt : now - options.startedAt;
    deps.spool.writer.whole(opened, {
      id: opened.id,
      state,
      servedBy: answer.servedBy,
      httpStatus: answer.status,
      errorType: answer.errorType,
      ttfbMs: this.#firstByteMs,
      latencyMs: Math.max(0, Math.round(latencyMs * 1_000) / 1_000),
      upstreamRequestId: answer.attempt?.upstreamRequestId ?? null,
      batchId: answer.msgbatchId,
      attempts: answer.attempt ? [{ ...answer.attempt, delivered: isWhole }] : [],
    });
    if (options.prefix && answer.attempt) noteItemPrefix(deps, opened.id, options.prefix, answer.attempt);
    deps.metrics.requests.inc({ endpoint: 'messages', lane: 'batch', state });
    deps.metrics.latency.observe({ endpoint: 'messages', lane: 'batch' }, latencyMs / 1_000);
    if (answer.servedBy === 'batch' && answer.attempt) {
      deps.metrics.lane.lag.observe(Math.max(0, deps.lane.now() - answer.attempt.endedAt) / 1_000);
    }
  }

  #requestIdOf(answer: ItemAnswer): [string, string][] {
    const own: [string, string] = ['request-id', requestId(this.options.id)];
    return answer.headers.some(([name]) => name === 'request-id') ? answer.headers : [own, ...answer.headers];
  }

  #ownHeaders(lane: Lane): [string, string][] {
    const { opened, isReplay } = this.options;
    const headers = offpeakHeaders(this.deps, { ...opened, lane }).map(([n, v]): [string, string] => [n, v]);
    if (isReplay) headers.push(['x-offpeak-replayed', 'true']);
    return headers;
  }
}

const STREAM_HEADERS: [string, string][] = [
  ['content-type', 'text/event-stream; charset=utf-8'],
  ['cache-control', 'no-cache, no-transform'],
  // nginx would keep the pings back.
  ['x-accel-buffering', 'no'],
];
