import type { Uuid } from '@/lib/core/ids';
import type { PriceBook } from '@/lib/core/pricing';
import type { Logger } from '@/lib/log';
import type { LaneMetrics } from '@/lib/metrics';
import type { ForgottenItem, LaneStore, Outcome } from '@/lib/store/lane/lane-store';
import type { BatchApi } from '@/lib/upstream/batch-api';
import type { CreatedJournal } from './created-journal';
import type { Pacing } from './pacing';
import type { Probing } from './probe';

/** Where a process may die: tests do it there, nothing else can. */
export const CRASH_POINTS = [
  'after_claim',
  'after_posting',
  'after_post',
  'after_created',
  'mid_collect',
  'before_close',
  'after_escalation_claim',
  'after_sync_answer',
] as const;
export type CrashPoint = (typeof CRASH_POINTS)[number];

/** Everything that the lane's verbs need of the world. */
export interface LaneDeps {
  store: LaneStore;
  api: BatchApi;
  /** This process, in leases. */
  owner: string;
  /** Unix ms of the store's clock, carried on by a monotonic one. */
  now(): number;
  newId(): Uuid;
  /** Opaque, unguessable, of `[A-Za-z0-9]`. */
  newNonce(): string;
  /** 0 ≤ x < 1, for jitter. */
  random(): number;
  prices: { book: PriceBook };
  journal: CreatedJournal;
  pacing: Pacing;
  /** `null`: nothing is ever probed. */
  probing: Probing | null;
  /** Items that have an outcome now: their callers may be held here. */
  wake(outcomes: readonly Outcome[]): void;
  /** Something can go on already: the next turn need not wait. */
  soon(): void;
  /** An item whose outcome nobody fetched, or that nobody waited for, a probe's too: its log row is written now. */
  logForgotten(item: ForgottenItem): void;
  log: Pick<Logger, 'info' | 'warn' | 'error'>;
  metrics: LaneMetrics;
  crash(point: CrashPoint): Promise<void>;
}
