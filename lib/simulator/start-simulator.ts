import { randomBytes } from 'node:crypto';
import type { Server } from 'node:http';
import type { KnownKey } from './authenticate';
import { createControlServer } from './control-server';
import { createApiServer } from './create-api-server';
import type { FaultRule } from './fault-rule';
import { closeServer, listen } from './listen';
import { compactJournal, openApi } from './open-api';
import type { RateLimitTier } from './rate-limits';
import type { CacheConfig } from './simulated-api';
import { SimulatorControls } from './simulator-controls';
import type { SyncLatencyConfig } from './sync-latency';
import type { TurnaroundConfig } from './turnaround';

/** How a simulator is set up. Everything has a default. */
export interface SimulatorOptions {
  /** 0, the default, picks one. */
  readonly port?: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 1. The same seed gives the same answers, latencies and turnarounds. */
  readonly seed?: number;
  /** Divides every duration that the API owns: latency, turnaround, cache TTL, rate-limit minutes, expiry. Default 1. */
  readonly timeScale?: number;
  readonly turnaround?: Partial<TurnaroundConfig>;
  readonly sync?: Partial<SyncLatencyConfig>;
  readonly cache?: Partial<CacheConfig>;
  /** Default `scale`, but `off` where `sync.instant` is set. */
  readonly rateLimits?: RateLimitTier;
  /** 0, the default, picks one. */
  readonly controlPort?: number;
  /** Bearer token of the control API; drawn when absent. */
  readonly controlToken?: string;
  /** File in which batches, ledger and clock survive the process. */
  readonly stateFile?: string;
  /** Default `any`: every key but those that start with `invalid`. */
  readonly apiKeys?: 'any' | readonly KnownKey[];
  /** Makes ids reproducible, too; otherwise they never repeat between runs. */
  readonly idNonce?: string;
  /** Newest ledger entries to keep; totals are always whole. Default 250,000. */
  readonly ledgerEntries?: number;
  /** Newest requests to remember, default 10,000, and bytes of their bodies, default 64 MB. */
  readonly recordedRequests?: number;
  readonly recordedBytes?: number;
  /** Says nothing on stderr, not even about failures of the simulator itself. */
  readonly quiet?: boolean;
  /** Faults that are armed from the start. */
  readonly faults?: readonly FaultRule[];
}

/** A running simulator, and all that the control API offers. */
export interface Simulator extends Pick<SimulatorControls, keyof SimulatorControls> {
  /** Origin to use as the API's base URL. */
  readonly url: string;
  readonly controlUrl: string;
  readonly controlToken: string;
  /** Cuts every connection and stops. */
  close(): Promise<void>;
}

/** Starts the simulated API and its control API, each on its own loopback port. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { api, journal } = await openApi(options);
  const controls = new SimulatorControls(api, (change) => {
    if (journal === null) return;
    if (change === 'reset') compactJournal(api, journal);
    else journal.write({ line: 'clock', offsetMs: api.clock.offsetMs });
  });
  for (const rule of options.faults ?? []) controls.addFault(rule);
  const controlToken = options.controlToken ?? randomBytes(24).toString('base64url');
  const host = options.host ?? '127.0.0.1';
  const servers: Server[] = [createApiServer(api), createControlServer(controls, controlToken)];
  const close = async () => {
    api.clock.stop();
    await Promise.all(servers.map(closeServer));
    journal?.close();
  };
  try {
    const [apiServer, controlServer] = servers as [Server, Server];
    api.origin = await listen(apiServer, options.port ?? 0, host);
    const controlUrl = await listen(controlServer, options.controlPort ?? 0, '127.0.0.1');
    return {
      url: api.origin,
      controlUrl,
      controlToken,
      close,
      ledger: () => controls.ledger(),
      requests: (query) => controls.requests(query),
      addFault: (rule) => controls.addFault(rule),
      clearFaults: (id) => controls.clearFaults(id),
      faults: () => controls.faults(),
      now: () => controls.now(),
      advance: (ms) => controls.advance(ms),
      turnaround: () => controls.turnaround(),
      setTurnaround: (change) => controls.setTurnaround(change),
      syncLatency: () => controls.syncLatency(),
      setSyncLatency: (change) => controls.setSyncLatency(change),
      batches: () => controls.batches(),
      finishBatch: (id) => controls.finishBatch(id),
      reset: () => controls.reset(),
    };
  } catch (error) {
    await close();
    throw error;
  }
}
