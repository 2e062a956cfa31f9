import type { Batch } from '@/lib/store/lane/lane-store';
import type { UpstreamBatch } from '@/lib/upstream/batch-api';
import { type ResultLine, ResultLines } from '@/lib/wire/result-lines';
import type { LaneDeps } from './lane-deps';
import type { Listing } from './poll';

/** Upstream's clock and ours may differ by this. */
const SKEW_MS = 300_000;

/**
 * Looks for a batch whose `create` went unanswered. A candidate is one that is newer than the watermark, as old as the
 * POST, holds as many items and is nobody else's; it is only presumed to be ours until the first line of its results shows the nonce. No
 * candidate in complete lists for long enough after the POST was over: it was never created, and its items wait again.
 */
export async function adopt(deps: LaneDeps, batch: Batch, listing: Listing): Promise<void> {
  const candidates = await findCandidates(deps, batch, listing.batches);
  const foreign = [...batch.foreign];
  for (const candidate of candidates.filter(({ status }) => status === 'ended')) {
    const whose = await whoseResults(deps, batch, candidate.id);
    if (whose === 'foreign') foreign.push(candidate.id);
    if (whose !== 'ours') continue;
    const told = {
      msgbatchId: candidate.id,
      createdAt: candidate.createdAt,
      endedAt: candidate.endedAt ?? deps.now(),
      counts: candidate.counts,
    };
    if (await deps.store.adopt(batch.id, told, deps.now())) {
      deps.metrics.creates.inc({ outcome: 'adopted' });
      deps.soon();
      deps.log.info({ batch: batch.id, msgbatch: candidate.id }, 'a batch whose creation went unanswered was found');
    }
    return;
  }
  const left = candidates.map(({ id }) => id).filter((id) => !foreign.includes(id));
  const absentSince = await absence(deps, batch, left, listing);
  if (absentSince === 'void') return;
  await deps.store.noteCandidates(batch, { candidates: left, foreign, absentSince });
}

async function findCandidates(deps: LaneDeps, batch: Batch, listed: UpstreamBatch[]): Promise<UpstreamBatch[]> {
  const end = listed.findIndex(({ id }) => id === batch.watermark);
  const newer = end === -1 ? listed : listed.slice(0, end);
  const since = (batch.postingAt ?? batch.createdAt) - SKEW_MS;
  const until = (batch.postDeadlineAt ?? deps.now()) + SKEW_MS;
  const fitting = newer.filter(
    ({ id, counts, createdAt }) =>
      sum(counts) === batch.items && createdAt >= since && createdAt <= until && !batch.foreign.includes(id),
  );
  const owned = await deps.store.owned(fitting.map(({ id }) => id));
  return fitting.filter(({ id }) => !owned.has(id));
}

async function absence(
  deps: LaneDeps,
  batch: Batch,
  candidates: string[],
  { isComplete, askedAt: now }: Listing,
): Promise<number | null | 'void'> {
  const isOver = now >= (batch.postDeadlineAt ?? 0);
  if (candidates.length > 0) return null;
  if (!isComplete || !isOver) return batch.absentSince;
  const since = batch.absentSince ?? now;
  if (now - since < deps.pacing.absentMs) return since;
  deps.log.info({ batch: batch.id }, 'a batch whose creation went unanswered was not created: its items wait again');
  await deps.store.voidBatch(batch, { to: 'queue', notBefore: null }, 'not created', deps.now());
  return 'void';
}

const ENOUGH = Symbol('enough');

/** Reads results as far as their first line. `unclear`: it could not be read this time. */
async function whoseResults(deps: LaneDeps, batch: Batch, id: string): Promise<'ours' | 'foreign' | 'unclear'> {
  const reader = new ResultLines();
  let first: ResultLine | undefined;
  try {
    await deps.api.results(batch.credential, id, async (chunk) => {
      [first] = reader.push(chunk);
      if (first) throw ENOUGH;
    });
    [first] = reader.end();
  } catch (error) {
    if (error !== ENOUGH) return 'unclear';
  }
  if (first?.kind !== 'result') return 'unclear';
  return first.customId.startsWith(`${batch.nonce}-`) ? 'ours' : 'foreign';
}

function sum(counts: Record<string, number>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
