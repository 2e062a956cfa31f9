import { randomBytes } from 'node:crypto';
import { Authenticator } from './authenticate';
import { endsAtMs } from './batch-record';
import { BatchShelf } from './batch-shelf';
import { FaultScript } from './fault-script';
import { IdSequence } from './identifiers';
import { Journal } from './journal';
import { LedgerBook } from './ledger';
import { OccurrenceCounter } from './occurrence-counter';
import { BATCH_ARCHIVE_MS } from './plan-batch';
import { PromptCache } from './prompt-cache';
import { RateLimits } from './rate-limits';
import { type JournalState, readJournal } from './read-journal';
import { RequestRecorder } from './request-recorder';
import { SimClock } from './sim-clock';
import type { SimulatedApi } from './simulated-api';
import type { SimulatorOptions } from './start-simulator';
import { DEFAULT_SYNC_LATENCY } from './sync-latency';
import { DEFAULT_TURNAROUND, mergeTurnaround } from './turnaround';

const KEPT_ENTRIES = 50_000;
/** Ended batches that a compacted state file may hold; running ones always stay. */
const KEPT_ENDED_BATCHES = 2_000;

/** Builds the API's state, from the state file where there is one. */
export async function openApi(options: SimulatorOptions): Promise<{ api: SimulatedApi; journal: Journal | null }> {
  const { seed = 1, timeScale = 1, stateFile } = options;
  const state = stateFile === undefined ? null : await readJournal(stateFile);
  const clock = new SimClock(timeScale);
  if (state !== null && state.offsetMs > 0) clock.advance(state.offsetMs);
  const journal = stateFile === undefined ? null : new Journal(stateFile);
  const ledger = new LedgerBook(options.ledgerEntries ?? 250_000, (entry) => journal?.write({ line: 'entry', entry }));
  const api: SimulatedApi = {
    seed,
    clock,
    ids: new IdSequence(options.idNonce ?? randomBytes(12).toString('hex')),
    occurrences: new OccurrenceCounter(),
    authenticator: new Authenticator(options.apiKeys ?? 'any'),
    limits: new RateLimits(options.rateLimits ?? (options.sync?.instant === true ? 'off' : 'scale'), timeScale),
    cache: new PromptCache(timeScale),
    cacheConfig: { shareLanes: false, batchHitRange: [0.3, 0.98], ...options.cache },
    ledger,
    recorder: new RequestRecorder(options.recordedRequests ?? 10_000, options.recordedBytes ?? 64 * 1024 * 1024),
    faults: new FaultScript(seed),
    batches: new BatchShelf(),
    bornAtMs: state?.bornAtMs ?? clock.now(),
    origin: '',
    sync: { ...DEFAULT_SYNC_LATENCY, ...options.sync },
    turnaround: mergeTurnaround(DEFAULT_TURNAROUND, options.turnaround ?? {}),
    report: (what, error) => {
      if (options.quiet !== true) console.error(`simulator: ${what}`, error);
    },
    onBatch: (change, batch) => journal?.batch(change, batch),
  };
  if (state !== null && journal !== null) restore(api, state, journal);
  return { api, journal };
}

function restore(api: SimulatedApi, state: JournalState, journal: Journal): void {
  const nowMs = api.clock.now();
  if (state.totals !== null) api.ledger.restoreTotals(state.totals);
  for (const entry of state.kept) api.ledger.keep(entry);
  for (const entry of state.entries) api.ledger.restore(entry);
  const live = state.batches.filter((batch) => nowMs < batch.createdAtMs + api.clock.scaled(BATCH_ARCHIVE_MS));
  const ended = live.filter((batch) => batch.booked && endsAtMs(batch) <= nowMs);
  const surplus = new Set(ended.slice(0, Math.max(0, ended.length - KEPT_ENDED_BATCHES)));
  const batches = live.filter((batch) => !surplus.has(batch)).sort((a, b) => a.createdAtMs - b.createdAtMs);
  for (const batch of batches) api.batches.add(batch);
  compactJournal(api, journal);
}

/** Rewrites the state file so that it holds what is known now, and no more. */
export function compactJournal(api: SimulatedApi, journal: Journal): void {
  const { totals, entries } = api.ledger.read();
  journal.compact({
    bornAtMs: api.bornAtMs,
    offsetMs: api.clock.offsetMs,
    totals,
    entries: entries.slice(-KEPT_ENTRIES),
    batches: api.batches.all(),
  });
}
