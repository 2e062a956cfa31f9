import type { Agent, Client } from '@/lib/core/request-states';
import type { Tags } from '@/lib/core/tags';

/** What the measured fields know of the call's model, at one moment. `null`: not measured (yet). */
export interface Measured {
  /** Kaplan–Meier percentiles of batch turnaround, ms. */
  batchP50: number | null;
  batchP90: number | null;
  batchP95: number | null;
  /** Batches behind them. */
  batchSamples: number;
  /** Items that wait or are under way in the batch lane. */
  batchBacklog: number;
  /** ms. */
  syncP95: number | null;
  /** USD spent since midnight in the policy's time zone. */
  spendToday: number | null;
}

/** What the routing decision may look at; all of it is stored with the request. */
export interface Facts {
  requestId: string;
  sessionId: string | null;
  /** Unix ms. */
  arrivedAt: number;
  model: string | null;
  /** ms; 0 = `interactive`, `null` = unset. */
  toleranceMs: number | null;
  /** The caller sent `x-offpeak-lane: sync`. */
  optedOut: boolean;
  /** Name of the key; `null` for a caller's own credential. */
  key: string | null;
  tags: Tags;
  client: Client;
  agent: Agent;
  stream: boolean;
  inputTokens: number | null;
  maxTokens: number | null;
  hasTools: boolean;
  hasThinking: boolean;
  /** `null`: no cacheable prefix. */
  prefixWarm: boolean | null;
  /** Value of a request header by lower-case name. */
  header(name: string): string | null;
  measured: Measured;
  /** Why the batch API cannot take it (`stream_only`, `max_tokens`, …); `null`: it can. */
  ineligible: string | null;
  /** The batch lane can take nothing now. */
  laneDown: boolean;
  /** ms that a synchronous answer is expected to need. */
  syncNeedMs: number;
}
