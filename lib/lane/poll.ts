import type { Batch } from '@/lib/store/lane/lane-store';
import type { UpstreamBatch } from '@/lib/upstream/batch-api';
import { adopt } from './adopt';
import { inTurn } from './in-turn';
import { isRecent } from './is-recent';
import type { LaneDeps } from './lane-deps';
import { type LikelyEnd, pollIntervalMs } from './poll-interval';
import type { UnderWay } from './under-way';

const PAGE = 1_000;
const MOST_PAGES = 50;
/** So many polls of a dead process are missed before another takes over: few where an end is likely. */
const LEASED_POLLS = 4;
/** Upstream's clock and ours may differ by this. */
const SKEW_MS = 300_000;

/** What one process remembers between polls; losing it costs a poll. */
export interface PollMemory {
  askedAt: Map<string, number>;
  missingSince: Map<string, number>;
  likelyEnd(model: string): LikelyEnd | null;
}

/** What upstream's list said, newest first. `isComplete`: it reached back beyond everything that was looked for. */
export interface Listing {
  /** What it says holds for then: a process may sleep between the list and what it makes of it. */
  askedAt: number;
  batches: UpstreamBatch[];
  isComplete: boolean;
}

/** Asks after all open batches: one list per credential, however many there are, by one process at a time. */
export async function poll(deps: LaneDeps, memory: PollMemory, asks: UnderWay): Promise<void> {
  const watched = await deps.store.watched();
  const byCredential = groupByCredential(watched);
  for (const credential of memory.askedAt.keys()) if (!byCredential.has(credential)) memory.askedAt.delete(credential);
  for (const [credential, batches] of byCredential) {
    const name = `poll:${credential}`;
    const now = deps.now();
    const intervalMs = soonest(deps, memory, batches, now);
    if (asks.has(name) || isRecent(memory.askedAt.get(credential) ?? 0, now, intervalMs)) continue;
    if (!(await deps.store.lease(name, deps.owner, now + LEASED_POLLS * intervalMs, now))) continue;
    memory.askedAt.set(credential, now);
    asks.begin(name, now, () => pollOne(deps, memory, credential, batches));
  }
}

/** To whoever asks next: nothing stands in the way of its first poll. */
export async function stopPolling(deps: LaneDeps, memory: PollMemory): Promise<void> {
  const now = deps.now();
  for (const credential of memory.askedAt.keys()) {
    await deps.store.lease(`poll:${credential}`, deps.owner, now, now);
  }
}

function soonest(deps: LaneDeps, memory: PollMemory, batches: Batch[], now: number): number {
  const intervals = batches.map((batch) => pollIntervalMs(batch, memory.likelyEnd(batch.model), now, deps.pacing));
  return Math.min(...intervals);
}

async function pollOne(deps: LaneDeps, memory: PollMemory, credential: string, batches: Batch[]): Promise<void> {
  try {
    if (await isGone(deps, credential)) return await giveUpAll(deps, batches);
    const listing = await readList(deps, credential, batches);
    const byId = new Map(listing.batches.map((batch) => [batch.id, batch]));
    // One that cannot be asked after keeps no other from its turn.
    await inTurn(
      batches.map((batch) => () => {
        if (batch.state === 'unknown') return adopt(deps, batch, listing);
        return watch(deps, memory, batch, byId.get(batch.msgbatchId ?? '') ?? null, listing.isComplete);
      }),
    );
    deps.metrics.polls.inc({ outcome: 'answered' });
  } catch (error) {
    deps.metrics.polls.inc({ outcome: 'failed' });
    deps.log.warn(
      { err: error, credential: nameOf(credential) },
      'upstream could not be asked after batches; it is asked again',
    );
  }
}

/** A caller's own credential is kept while its items are open: a batch that turns up later cannot be asked after. */
async function isGone(deps: LaneDeps, credential: string): Promise<boolean> {
  return credential.startsWith('own:') && (await deps.store.ownCredential(credential)) === null;
}

async function giveUpAll(deps: LaneDeps, batches: readonly Batch[]): Promise<void> {
  for (const batch of batches) {
    if (!(await deps.store.closeBatch(batch, deps.now(), 'its credential is gone'))) continue;
    deps.log.warn({ batch: batch.id }, 'a batch is given up: its credential is gone');
  }
}

async function watch(
  deps: LaneDeps,
  memory: PollMemory,
  batch: Batch,
  listed: UpstreamBatch | null,
  isComplete: boolean,
): Promise<void> {
  const id = batch.msgbatchId ?? '';
  const told = listed ?? (isComplete ? await askAlone(deps, memory, batch, id) : null);
  if (!told) return;
  memory.missingSince.delete(id);
  if (told.status !== 'ended') return;
  const endedAt = told.endedAt ?? deps.now();
  if (await deps.store.ended(batch.id, { endedAt, counts: told.counts }, deps.now())) {
    deps.metrics.turnaround.observe((endedAt - told.createdAt) / 1_000);
    deps.soon();
  }
}

/** A list may lack a batch for a while; only one that is missing for long, also by its own id, is given up. */
async function askAlone(deps: LaneDeps, memory: PollMemory, batch: Batch, id: string): Promise<UpstreamBatch | null> {
  const now = deps.now();
  const since = memory.missingSince.get(id) ?? now;
  memory.missingSince.set(id, since);
  if (now - since < deps.pacing.missingMs) return null;
  const told = await deps.api.retrieve(batch.credential, id);
  if (told || now - since < deps.pacing.lostMs) return told;
  deps.log.error({ batch: batch.id, msgbatch: id }, 'upstream has lost a batch: its items are answered by sync');
  await deps.store.closeBatch(batch, now, 'upstream knows no such batch any more');
  memory.missingSince.delete(id);
  return null;
}

/** Pages back until everything that is watched is in sight, or certainly older than the page. */
async function readList(deps: LaneDeps, credential: string, batches: Batch[]): Promise<Listing> {
  const wanted = new Set(batches.flatMap(({ msgbatchId }) => (msgbatchId ? [msgbatchId] : [])));
  const marks = new Set(
    batches.flatMap((batch) => (batch.state === 'unknown' && batch.watermark ? [batch.watermark] : [])),
  );
  const oldest =
    Math.min(...batches.map((batch) => batch.upstreamCreatedAt ?? batch.postingAt ?? batch.createdAt)) - SKEW_MS;
  const askedAt = deps.now();
  const listed: UpstreamBatch[] = [];
  let afterId: string | undefined;
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const page = await deps.api.list(credential, { limit: PAGE, ...(afterId && { afterId }) });
    listed.push(...page.batches);
    for (const { id } of page.batches) {
      wanted.delete(id);
      marks.delete(id);
    }
    const last = page.batches.at(-1);
    const hasAll =
      wanted.size === 0 &&
      marks.size === 0 &&
      !batches.some((batch) => batch.watermark === '' && batch.state === 'unknown');
    if (!page.hasMore || !last || hasAll || last.createdAt < oldest)
      return { askedAt, batches: listed, isComplete: true };
    afterId = last.id;
  }
  return { askedAt, batches: listed, isComplete: false };
}

function groupByCredential(batches: readonly Batch[]): Map<string, Batch[]> {
  const groups = new Map<string, Batch[]>();
  for (const batch of batches) groups.set(batch.credential, [...(groups.get(batch.credential) ?? []), batch]);
  return groups;
}

// A caller's own credential is named by the hash of a secret: enough of it to tell two apart.
function nameOf(credential: string): string {
  return credential.slice(0, 12);
}
