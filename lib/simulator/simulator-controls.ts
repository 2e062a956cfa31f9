import { endsAtMs, presentBatch, statusOf } from './batch-record';
import { bookEnded } from './batches-endpoint';
import type { FaultRule } from './fault-rule';
import type { Ledger } from './ledger';
import { BATCH_ARCHIVE_MS } from './plan-batch';
import type { RequestView } from './request-recorder';
import type { SimulatedApi } from './simulated-api';
import type { SyncLatencyConfig } from './sync-latency';
import { mergeTurnaround, type TurnaroundConfig } from './turnaround';

/** A batch as the API shows it, with what only the simulator knows. */
export interface BatchState extends ReturnType<typeof presentBatch> {
  readonly workspace: string;
  /** Virtual time at which it ends unless something happens, ms since 1970. */
  readonly endsAtMs: number;
  readonly customIds: readonly string[];
}

/** What tests may do to a running simulator, in process or through the control API. */
export class SimulatorControls {
  readonly #api: SimulatedApi;
  readonly #onChange: (change: 'clock' | 'reset') => void;

  /** @param onChange - told after the clock was moved or everything was forgotten, for the journal */
  constructor(api: SimulatedApi, onChange: (change: 'clock' | 'reset') => void = () => undefined) {
    this.#api = api;
    this.#onChange = onChange;
  }

  /** The bill so far; batches that have ended by now are on it. */
  ledger(): Ledger {
    bookEnded(this.#api);
    return this.#api.ledger.read();
  }

  /** Requests as they arrived, oldest first. */
  requests(options: { since?: number; limit?: number; bodies?: boolean } = {}): RequestView[] {
    return this.#api.recorder.list(options);
  }

  /** Arms a fault; returns its id. */
  addFault(rule: FaultRule): string {
    return this.#api.faults.add(rule);
  }

  /** Disarms one fault, or all. */
  clearFaults(id?: string): void {
    this.#api.faults.clear(id);
  }

  faults() {
    return this.#api.faults.list();
  }

  /** Virtual time, ms since 1970. */
  now(): number {
    return this.#api.clock.now();
  }

  /** Fast-forwards by wall-clock milliseconds (the time scale does not multiply them); returns the new time. */
  advance(ms: number): number {
    this.#api.clock.advance(ms);
    this.#onChange('clock');
    return this.#api.clock.now();
  }

  turnaround(): TurnaroundConfig {
    return this.#api.turnaround;
  }

  /** Changes how batches that are created from now on are drawn. */
  setTurnaround(change: Partial<TurnaroundConfig>): void {
    this.#api.turnaround = mergeTurnaround(this.#api.turnaround, change);
  }

  syncLatency(): SyncLatencyConfig {
    return this.#api.sync;
  }

  setSyncLatency(change: Partial<SyncLatencyConfig>): void {
    this.#api.sync = { ...this.#api.sync, ...change };
  }

  /** All batches of all workspaces, oldest first. */
  batches(): BatchState[] {
    bookEnded(this.#api);
    const { clock, origin } = this.#api;
    return this.#api.batches.all().map((batch) => ({
      ...presentBatch(batch, clock.now(), clock.scaled(BATCH_ARCHIVE_MS), origin),
      workspace: batch.workspace,
      endsAtMs: endsAtMs(batch),
      customIds: batch.items.map((item) => item.customId),
    }));
  }

  /** Ends a running batch now, all its items done; returns whether there was one. */
  finishBatch(id: string): boolean {
    const nowMs = this.#api.clock.now();
    const batch = this.#api.batches.all().find((candidate) => candidate.id === id);
    if (batch === undefined || statusOf(batch, nowMs) === 'ended') return false;
    for (const item of batch.items) item.doneAtMs = Math.min(item.doneAtMs ?? nowMs, nowMs);
    batch.lastDoneAtMs = nowMs;
    this.#api.onBatch('finished', batch);
    return true;
  }

  /** Forgets batches, ledger, requests, faults, caches and limits; configuration and clock stay. */
  reset(): void {
    const api = this.#api;
    api.batches.clear();
    api.ledger.clear();
    api.recorder.clear();
    api.faults.clear();
    api.cache.clear();
    api.limits.clear();
    api.occurrences.clear();
    this.#onChange('reset');
  }
}
