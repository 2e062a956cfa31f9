import { DAY_MS } from '@/lib/core/duration';
import { ApiError, isApiError, STATUS_BY_ERROR_TYPE } from '@/lib/core/errors';
import { parseRequestId, requestId, uuidTime } from '@/lib/core/ids';
import { priceUsage } from '@/lib/core/price-usage';
import type { AttemptRecord } from '@/lib/core/request-record';
import type { Batch, BatchItem, ItemAnswer, SettledLine } from '@/lib/store/lane/lane-store';
import { errorEnvelope } from '@/lib/wire/error-envelope';
import { type BatchResult, type ResultLine, ResultLines } from '@/lib/wire/result-lines';
import type { LaneDeps } from './lane-deps';

const LINES_PER_WRITE = 500;

/** Takes one ended batch whose results are to be read; `null`: none. */
export async function claimResults(deps: LaneDeps): Promise<Batch | null> {
  const now = deps.now();
  return deps.store.claimEnded({ owner: deps.owner, leaseUntil: now + deps.pacing.leaseMs, now });
}

/** Someone else took the batch over: what this process reads of it is of no use any more. */
const LOST = Symbol('lost');

/**
 * Reads the results of one ended batch and settles its items; resumable, since a line that was taken over before
 * changes nothing. Only when as many lines were seen as upstream counted is the batch closed.
 * @param alive told whenever it gets on.
 */
export async function collect(deps: LaneDeps, batch: Batch, alive: (at: number) => void): Promise<void> {
  const reading = new Reading(deps, batch, await deps.store.itemsOf(batch.id), alive);
  try {
    await reading.run();
  } catch (error) {
    if (error === LOST) return;
    deps.log.warn({ err: error, batch: batch.id }, 'the results of a batch could not be read to their end');
    const text = error instanceof Error ? error.message : String(error);
    if (isNotFound(error)) await incomplete(deps, batch, reading.seen, text);
    else await deps.store.collectLater(batch, deps.now() + outagePauseMs(deps, batch), text, false);
    return;
  }
  const counted = Object.values(batch.counts ?? {}).reduce((total, count) => total + count, 0);
  if (reading.seen !== counted) {
    await incomplete(deps, batch, reading.seen, `${reading.seen} of ${counted} results`);
    return;
  }
  await deps.crash('before_close');
  await deps.store.closeBatch(batch, deps.now(), null);
}

function isNotFound(error: unknown): boolean {
  return isApiError(error) && (error.status === 404 || error.status === 410);
}

/**
 * The results are there and paid for, but upstream or the way to it fails: tried for as long as it takes, a tenth of
 * the time that it has taken so far. Those that cannot wait are answered by sync at their own deadlines.
 */
function outagePauseMs({ now, pacing }: LaneDeps, { endedAt }: Batch): number {
  const [first, longest] = pacing.collectAgainMs;
  return Math.min(longest, Math.max(first, (now() - (endedAt ?? now())) / 10));
}

/**
 * Upstream gave all that it has, and that is not what it counted. After some tries its items wait no longer, but the
 * batch is read on for a day, ever more rarely: what the missing lines cost is still to be booked.
 */
async function incomplete(deps: LaneDeps, batch: Batch, seen: number, error: string): Promise<void> {
  const { collectTries, collectAgainMs } = deps.pacing;
  const [first, longest] = collectAgainMs;
  const now = deps.now();
  const tries = batch.collectTries + 1;
  if (tries < collectTries) {
    const pause = Math.min(longest, first * 2 ** batch.collectTries);
    await deps.store.collectLater(batch, now + pause, error, true);
    return;
  }
  const about = { batch: batch.id, msgbatch: batch.msgbatchId, seen, error };
  const ageMs = now - (batch.endedAt ?? now);
  if (ageMs >= DAY_MS) {
    deps.log.error(about, 'results are missing for good: what they cost is not known');
    await deps.store.closeBatch(batch, now, error);
    return;
  }
  if (tries === collectTries) {
    deps.metrics.incomplete.inc();
    deps.log.error(about, 'results are missing: those items are answered by sync');
  }
  await deps.store.releaseItems(batch, now);
  await deps.store.collectLater(batch, now + Math.max(longest, ageMs / 10), error, true);
}

class Reading {
  readonly #seen = new Set<string>();
  readonly #reader = new ResultLines();
  #waiting: SettledLine[] = [];
  #writtenAt: number;

  constructor(
    private readonly deps: LaneDeps,
    private readonly batch: Batch,
    private readonly items: Map<string, BatchItem>,
    private readonly alive: (at: number) => void,
  ) {
    this.#writtenAt = deps.now();
  }

  /** Distinct lines of ours. */
  get seen(): number {
    return this.#seen.size;
  }

  async run(): Promise<void> {
    const { batch, deps } = this;
    await deps.api.results(batch.credential, batch.msgbatchId ?? '', async (chunk) => {
      this.#take(this.#reader.push(chunk));
      const sinceMs = deps.now() - this.#writtenAt;
      // Lines can be slow to come: writing what there is, if only nothing, keeps the claim.
      if (this.#waiting.length >= LINES_PER_WRITE || sinceMs >= deps.pacing.leaseMs / 3) await this.#flush();
    });
    this.#take(this.#reader.end());
    if (this.#waiting.length > 0) await this.#flush();
  }

  #take(lines: ResultLine[]): void {
    for (const line of lines) {
      if (line.kind === 'malformed') {
        this.deps.metrics.oddLines.inc({ kind: 'malformed' });
        continue;
      }
      // Whatever does not carry our nonce is somebody else's: it is counted, and goes nowhere.
      if (!line.customId.startsWith(`${this.batch.nonce}-`)) {
        this.deps.metrics.oddLines.inc({ kind: 'foreign' });
        this.deps.log.error({ batch: this.batch.id }, 'results hold a line that is not ours: it is left alone');
        continue;
      }
      if (this.#seen.has(line.customId)) {
        this.deps.metrics.oddLines.inc({ kind: 'duplicate' });
        continue;
      }
      this.#seen.add(line.customId);
      const item = this.items.get(line.customId) ?? strayItem(line.customId);
      if (item) this.#waiting.push(this.#settled(item, line.result));
    }
  }

  async #flush(): Promise<void> {
    const { deps, batch } = this;
    const lines = this.#waiting;
    this.#waiting = [];
    await deps.crash('mid_collect');
    const now = deps.now();
    this.#writtenAt = now;
    this.alive(now);
    const count = await deps.store.settleLines(batch, lines, now, now + deps.pacing.leaseMs);
    if (!count) throw LOST;
    deps.metrics.late.inc(count.late);
    // What was just written is not read back: callers held here get it as it is.
    const settled = new Set(count.settled);
    deps.wake(lines.flatMap(({ itemId, answer }) => (settled.has(itemId) ? [{ id: itemId, answer }] : [])));
  }

  #settled(item: BatchItem, result: BatchResult): SettledLine {
    switch (result.type) {
      case 'succeeded': {
        const attempt = this.#attempt(item, { httpStatus: 200, ...result });
        const answer = this.#answer({ outcome: 'answered', status: 200, body: result.message, attempt });
        return { itemId: item.id, attempt, kind: 'answer', answer };
      }
      case 'errored': {
        const status = statusOf(result.errorType);
        const { errorType } = result;
        const attempt = this.#attempt(item, { httpStatus: status, errorType, requestId: result.requestId });
        const headers: [string, string][] = result.requestId ? [['request-id', result.requestId]] : [];
        const answer = this.#answer({ outcome: 'failed', status, headers, body: result.envelope, errorType, attempt });
        return { itemId: item.id, attempt, kind: errorType === 'invalid_request_error' ? 'answer' : 'again', answer };
      }
      default: {
        const error = new ApiError('timeout_error', `The batch ${result.type} before this call was processed`);
        const attempt = this.#attempt(item, { httpStatus: null, errorType: result.type });
        const body = errorEnvelope(error, requestId(item.id));
        const answer = this.#answer({ outcome: 'failed', status: 504, body, errorType: 'timeout_error', attempt });
        return { itemId: item.id, attempt, kind: 'again', answer };
      }
    }
  }

  #answer(told: Pick<ItemAnswer, 'outcome' | 'status' | 'body' | 'attempt'> & Partial<ItemAnswer>): ItemAnswer {
    return { headers: [], servedBy: 'batch', errorType: null, msgbatchId: this.batch.msgbatchId, ...told };
  }

  #attempt(
    item: BatchItem,
    told: {
      httpStatus: number | null;
      errorType?: string;
      messageId?: string | null;
      model?: string | null;
      usage?: unknown;
      requestId?: string | null;
    },
  ): AttemptRecord {
    const { batch, deps } = this;
    const usage = told.usage ?? null;
    return {
      key: `${batch.msgbatchId}/${item.customId}`,
      lane: 'batch',
      startedAt: batch.upstreamCreatedAt ?? batch.createdAt,
      endedAt: batch.endedAt ?? deps.now(),
      httpStatus: told.httpStatus,
      errorType: told.errorType ?? null,
      messageId: told.messageId ?? null,
      upstreamRequestId: told.requestId ?? null,
      model: told.model ?? null,
      usage,
      estimated: false,
      ...priceUsage(deps.prices.book, [told.model ?? null, item.model], item.arrivedAt, usage, item.warmPrefix),
      delivered: false,
    };
  }
}

/** One that left the batch when it was given up too early: its id ends the custom id. */
function strayItem(customId: string): BatchItem | null {
  const hex = /-([0-9a-f]{32})$/.exec(customId)?.[1];
  const id = hex ? parseRequestId(hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')) : null;
  return id ? { id, customId, model: null, arrivedAt: uuidTime(id) } : null;
}

function statusOf(errorType: string): number {
  return (STATUS_BY_ERROR_TYPE as Record<string, number>)[errorType] ?? 500;
}
