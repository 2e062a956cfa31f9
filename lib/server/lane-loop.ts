import { randomBytes } from 'node:crypto';
import type { Deps } from '@/lib/deps';
import { closeProbe } from '@/lib/lane/close-probe';
import { fileJournal } from '@/lib/lane/created-journal';
import type { LaneDeps } from '@/lib/lane/lane-deps';
import { PACING, type Pacing } from '@/lib/lane/pacing';
import { stopPolling } from '@/lib/lane/poll';
import { laneMemory, settled, tick } from '@/lib/lane/tick';
import type { ForgottenItem } from '@/lib/store/lane/lane-store';
import { claimProbe } from '@/lib/store/probes';
import { batchApi } from '@/lib/upstream/batch-api';
import { WORKSPACE } from '@/lib/wire/batch-headers';
import type { HeaderPairs } from '@/lib/wire/headers';

const BUSY_MS = 250;
const IDLE_MS = 1_000;
const LAST_ANSWERS_MS = 3_000;
const NONCE_BYTES = 12;

export interface LaneLoop {
  /** Something was queued here. */
  hasWork(): void;
  /** Ends after the turn under way; what upstream has not answered soon after is another process' to take over. */
  stop(): Promise<void>;
}

/** Turns the lane in this process, for as long as it lives. */
export function startLane(deps: Deps, over: Partial<Pacing> = {}): LaneLoop {
  const lane = laneDeps(deps, { ...PACING, ...over }, () => soon());
  const memory = laneMemory((model) => deps.estimates.likelyEnd(model));
  let timer: NodeJS.Timeout | null = null;
  let running: Promise<void> = Promise.resolve();
  let stopped = false;
  let isBusy = false;
  let isDown = false;
  let isTurning = false;
  /** Something came up during the turn under way. */
  let isWanted = false;

  const turn = async () => {
    isTurning = true;
    isWanted = false;
    try {
      if (deps.lane.isReady) await tick(lane, memory);
      isDown = false;
    } catch (error) {
      if (!isDown) deps.log.error({ err: error }, 'the batch lane cannot go on; it is tried again');
      isDown = true;
    }
    const { submits, collects, poll } = memory;
    isBusy = deps.lane.held.size > 0 || submits.size + collects.size + poll.askedAt.size > 0;
    isTurning = false;
    schedule(isWanted ? 0 : isBusy ? BUSY_MS : IDLE_MS);
  };
  const schedule = (ms: number) => {
    if (timer) clearTimeout(timer);
    if (stopped) return;
    timer = setTimeout(() => {
      running = turn();
    }, ms);
    timer.unref();
  };
  const soon = () => {
    if (isTurning) isWanted = true;
    else schedule(0);
  };
  schedule(0);
  return {
    hasWork() {
      if (isBusy || isTurning) return;
      isBusy = true;
      schedule(BUSY_MS);
    },
    async stop() {
      stopped = true;
      if (timer) clearTimeout(timer);
      await running;
      // What was sent is better answered here than looked for by the next process.
      let giveUp: NodeJS.Timeout | undefined;
      const patience = new Promise<void>((resolve) => {
        giveUp = setTimeout(resolve, LAST_ANSWERS_MS);
      });
      const last = settled(memory).then(() => stopPolling(lane, memory.poll));
      await Promise.race([last.catch(() => undefined), patience]);
      clearTimeout(giveUp);
    },
  };
}

function laneDeps(deps: Deps, pacing: Pacing, soon: () => void): LaneDeps {
  return {
    store: deps.lane.store,
    api: batchApi(deps.upstream, (credential) => credentialHeaders(deps, credential)),
    owner: deps.lane.owner,
    now: () => deps.lane.now(),
    newId: deps.newId,
    newNonce: () => randomBytes(NONCE_BYTES).toString('hex'),
    random: Math.random,
    prices: deps.prices,
    journal: fileJournal(`${deps.config.dataDir}/created-batches.jsonl`),
    pacing,
    probing: {
      settings: () => (mayProbe(deps) ? deps.probes.current : null),
      claim: (ask) => claimProbe(deps.pools.lane, deps.upstreamId, ask),
      about: () => ({
        upstream: deps.upstream.simulated ? 'simulator' : deps.upstream.origin,
        simulated: deps.upstream.simulated,
        policyVersion: deps.policy.current.version,
      }),
      log: deps.spool.writer,
    },
    wake: (outcomes) => deps.lane.held.wake(outcomes),
    soon,
    logForgotten: (item) => logForgotten(deps, item),
    log: deps.log,
    metrics: deps.metrics.lane,
    crash: () => Promise.resolve(),
  };
}

/** While everything is to go to sync, and without a credential to ask under, nothing is probed. */
function mayProbe({ policy, upstream }: Pick<Deps, 'policy' | 'upstream'>): boolean {
  return !policy.current.paused && upstream.credential('default') !== null;
}

/** The headers behind `key:<name>` or `own:<hmac>`, with those of `@<workspace>`; `null`: the credential is gone. */
async function credentialHeaders(deps: Deps, credential: string): Promise<HeaderPairs | null> {
  if (!credential.startsWith('key:')) return deps.lane.store.ownCredential(credential);
  const [, name = '', workspace] = /^key:([^@]*)(?:@(.*))?$/s.exec(credential) ?? [];
  const secret = deps.upstream.credential(name);
  const headers: [string, string][] = secret === null ? [] : [['x-api-key', secret]];
  return workspace === undefined ? headers : [...headers, [WORKSPACE, workspace]];
}

/** Nobody took the outcome: what it cost was for nothing, and the log says so. */
function logForgotten(deps: Deps, item: ForgottenItem): void {
  const { opened, outcome, answer } = item;
  deps.spool.writer.opened(opened);
  if (item.isProbe) {
    const closed = closeProbe(item);
    deps.spool.writer.closed(closed);
    deps.metrics.requests.inc({ endpoint: 'messages', lane: 'batch', state: closed.state });
    return;
  }
  deps.spool.writer.closed({
    id: opened.id,
    state: 'aborted',
    servedBy: null,
    httpStatus: null,
    errorType: outcome === 'dropped' ? 'dropped' : 'not_collected',
    ttfbMs: null,
    latencyMs: null,
    upstreamRequestId: answer?.attempt?.upstreamRequestId ?? null,
    batchId: answer?.msgbatchId ?? null,
    attempts: [],
  });
  deps.metrics.requests.inc({ endpoint: 'messages', lane: 'batch', state: 'aborted' });
}
