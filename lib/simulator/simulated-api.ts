import type { Authenticator } from './authenticate';
import type { BatchRecord } from './batch-record';
import type { BatchShelf } from './batch-shelf';
import type { FaultScript } from './fault-script';
import type { IdSequence } from './identifiers';
import type { LedgerBook } from './ledger';
import type { OccurrenceCounter } from './occurrence-counter';
import type { PromptCache } from './prompt-cache';
import type { RateLimits } from './rate-limits';
import type { RequestRecorder } from './request-recorder';
import type { SimClock } from './sim-clock';
import type { SyncLatencyConfig } from './sync-latency';
import type { TurnaroundConfig } from './turnaround';

/** How the two lanes use the prompt cache. */
export interface CacheConfig {
  /** Whether batch items read what synchronous calls wrote and the other way round. */
  readonly shareLanes: boolean;
  /** Range of the chance, drawn per batch, that an item finds a prefix that is there. */
  readonly batchHitRange: readonly [number, number];
}

/** What can happen to a batch besides the passing of time. */
export type BatchChange = 'created' | 'canceled' | 'finished' | 'deleted' | 'booked';

/** Everything that one simulated API consists of; endpoints are functions over it. */
export interface SimulatedApi {
  readonly seed: number;
  readonly clock: SimClock;
  readonly ids: IdSequence;
  readonly occurrences: OccurrenceCounter;
  readonly authenticator: Authenticator;
  readonly limits: RateLimits;
  readonly cache: PromptCache;
  readonly cacheConfig: CacheConfig;
  readonly ledger: LedgerBook;
  readonly recorder: RequestRecorder;
  readonly faults: FaultScript;
  readonly batches: BatchShelf;
  /** Virtual time of the first start, which the load's course counts from. */
  readonly bornAtMs: number;
  /** Own origin, for `results_url`. */
  origin: string;
  sync: SyncLatencyConfig;
  turnaround: TurnaroundConfig;
  /** Says that the simulator itself failed. */
  readonly report: (what: string, error: unknown) => void;
  /** Tells the journal that a batch was created, changed or deleted. */
  readonly onBatch: (change: BatchChange, batch: BatchRecord) => void;
}
