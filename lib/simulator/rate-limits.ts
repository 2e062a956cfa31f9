import { ApiError } from './api-error';
import type { CatalogModel } from './model-catalog';

/** Usage tiers of the Rate limits page; `off` answers the Scale tier's headers but never refuses. */
export type RateLimitTier = 'start' | 'build' | 'scale' | 'off';

interface TierLimits {
  readonly requests: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly fable: { readonly requests: number; readonly inputTokens: number; readonly outputTokens: number };
  readonly countTokens: number;
  readonly batchRequests: number;
  readonly batchQueue: number;
}

const TIERS: Record<Exclude<RateLimitTier, 'off'>, TierLimits> = {
  start: {
    requests: 1_000,
    inputTokens: 2_000_000,
    outputTokens: 400_000,
    fable: { requests: 1_000, inputTokens: 500_000, outputTokens: 100_000 },
    countTokens: 2_000,
    batchRequests: 1_000,
    batchQueue: 200_000,
  },
  build: {
    requests: 5_000,
    inputTokens: 5_000_000,
    outputTokens: 1_000_000,
    fable: { requests: 2_000, inputTokens: 1_500_000, outputTokens: 300_000 },
    countTokens: 4_000,
    batchRequests: 2_000,
    batchQueue: 300_000,
  },
  scale: {
    requests: 10_000,
    inputTokens: 10_000_000,
    outputTokens: 2_000_000,
    fable: { requests: 4_000, inputTokens: 4_000_000, outputTokens: 800_000 },
    countTokens: 8_000,
    batchRequests: 4_000,
    batchQueue: 500_000,
  },
};

interface Bucket {
  level: number;
  atMs: number;
}

/** Token buckets per organisation and model class; a minute of the API is a minute divided by the time scale. */
export class RateLimits {
  readonly #tier: RateLimitTier;
  readonly #limits: TierLimits;
  readonly #minuteMs: number;
  readonly #buckets = new Map<string, Bucket>();
  /** Headers of an API that never refuses, made once a second. */
  readonly #idle = new Map<string, { readonly second: number; readonly headers: Record<string, string> }>();

  constructor(tier: RateLimitTier, timeScale: number) {
    this.#tier = tier;
    this.#limits = TIERS[tier === 'off' ? 'scale' : tier];
    this.#minuteMs = 60_000 / timeScale;
  }

  /** Items that may wait in the batch queue of one organisation. */
  get batchQueue(): number {
    return this.#tier === 'off' ? Number.POSITIVE_INFINITY : this.#limits.batchQueue;
  }

  clear(): void {
    this.#buckets.clear();
  }

  /** Admits a message and returns its rate-limit headers. @throws ApiError 429 with `retry-after` */
  admitMessage(organization: string, model: CatalogModel, nowMs: number): Record<string, string> {
    const limits = this.#messageLimits(model);
    if (this.#tier === 'off') {
      return this.#idleHeaders(limits === this.#limits ? 'message' : 'fable', nowMs, () =>
        this.#messageHeaders(limits, limits.requests, limits.inputTokens, limits.outputTokens, nowMs),
      );
    }
    const name = `${organization}|${modelClass(model)}`;
    const requests = this.#take(`${name}|requests`, limits.requests, 1, nowMs);
    const input = this.#take(`${name}|input`, limits.inputTokens, 0, nowMs);
    const output = this.#take(`${name}|output`, limits.outputTokens, 0, nowMs);
    const headers = this.#messageHeaders(limits, requests, input, output, nowMs);
    if (requests < 0) throw this.#exceeded('requests per minute', limits.requests, requests, headers);
    if (input < 0) throw this.#exceeded('input tokens per minute', limits.inputTokens, input, headers);
    if (output < 0) throw this.#exceeded('output tokens per minute', limits.outputTokens, output, headers);
    return headers;
  }

  /** Books what a message used; reads from the cache do not count. */
  spend(organization: string, model: CatalogModel, inputTokens: number, outputTokens: number, nowMs: number): void {
    if (this.#tier === 'off') return;
    const limits = this.#messageLimits(model);
    const name = `${organization}|${modelClass(model)}`;
    this.#take(`${name}|input`, limits.inputTokens, inputTokens, nowMs);
    this.#take(`${name}|output`, limits.outputTokens, outputTokens, nowMs);
  }

  /** Admits a call that only counts requests. @throws ApiError 429 with `retry-after` */
  admitRequest(organization: string, kind: 'count_tokens' | 'batches', nowMs: number): Record<string, string> {
    const limit = kind === 'batches' ? this.#limits.batchRequests : this.#limits.countTokens;
    if (this.#tier === 'off')
      return this.#idleHeaders(kind, nowMs, () => this.#triple('requests', limit, limit, nowMs));
    const left = this.#take(`${organization}|${kind}`, limit, 1, nowMs);
    const headers = this.#triple('requests', limit, left, nowMs);
    if (left < 0) throw this.#exceeded('requests per minute', limit, left, headers);
    return headers;
  }

  #idleHeaders(kind: string, nowMs: number, make: () => Record<string, string>): Record<string, string> {
    const second = Math.floor(nowMs / 1_000);
    const held = this.#idle.get(kind);
    if (held?.second === second) return held.headers;
    const headers = make();
    this.#idle.set(kind, { second, headers });
    return headers;
  }

  #messageHeaders(
    limits: TierLimits['fable'],
    requests: number,
    input: number,
    output: number,
    nowMs: number,
  ): Record<string, string> {
    return {
      ...this.#triple('requests', limits.requests, requests, nowMs),
      ...this.#triple('input-tokens', limits.inputTokens, thousands(input), nowMs),
      ...this.#triple('output-tokens', limits.outputTokens, thousands(output), nowMs),
      ...this.#triple('tokens', limits.inputTokens + limits.outputTokens, thousands(input + output), nowMs),
    };
  }

  #messageLimits(model: CatalogModel): TierLimits['fable'] {
    return model.line === 'fable' || model.line === 'mythos' ? this.#limits.fable : this.#limits;
  }

  /** Takes `amount` from a bucket and returns what is left; negative means over the limit. */
  #take(name: string, limit: number, amount: number, nowMs: number): number {
    let bucket = this.#buckets.get(name);
    if (bucket === undefined) {
      bucket = { level: limit, atMs: nowMs };
      this.#buckets.set(name, bucket);
    }
    bucket.level = Math.min(limit, bucket.level + ((nowMs - bucket.atMs) * limit) / this.#minuteMs);
    bucket.atMs = nowMs;
    const left = Math.floor(bucket.level - amount);
    // A refused request takes nothing, so that a client that backs off finds room.
    if (left >= 0 || amount !== 1) bucket.level -= amount;
    return left;
  }

  #triple(kind: string, limit: number, left: number, nowMs: number): Record<string, string> {
    const fullInMs = ((limit - Math.max(0, left)) * this.#minuteMs) / limit;
    return {
      [`anthropic-ratelimit-${kind}-limit`]: String(limit),
      [`anthropic-ratelimit-${kind}-remaining`]: String(Math.max(0, left)),
      [`anthropic-ratelimit-${kind}-reset`]: rfc3339Seconds(nowMs + fullInMs),
    };
  }

  #exceeded(what: string, limit: number, left: number, headers: Record<string, string>): ApiError {
    const waitMs = (-left * this.#minuteMs) / limit;
    return new ApiError(
      'rate_limit_error',
      `This request would exceed your organization's rate limit of ${limit.toLocaleString('en-US')} ${what}.`,
      { headers: { ...headers, 'retry-after': String(Math.max(1, Math.ceil(waitMs / 1000))) } },
    );
  }
}

/** Opus and Sonnet generations share a class; every other model is its own (Rate limits page). */
function modelClass(model: CatalogModel): string {
  return model.version < 5 ? `${model.line}-4` : model.id;
}

function thousands(tokens: number): number {
  return Math.round(tokens / 1000) * 1000;
}

function rfc3339Seconds(ms: number): string {
  return `${new Date(Math.ceil(ms / 1000) * 1000).toISOString().slice(0, 19)}Z`;
}
