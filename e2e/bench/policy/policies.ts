import { type Chances, expectedCost } from '@/lib/core/auto/expected-cost';
import { escalateAfterMs } from '@/lib/core/auto/horizon';
import { makeJudge } from '@/lib/core/auto/make-judge';
import { type PrefixCall, PrefixMemory } from '@/lib/core/auto/prefix-memory';
import { CACHE_TTL_MS, type CacheTtl, type PrefixState } from '@/lib/core/auto/prefix-state';
import { estimateTurnaround, type TurnaroundEstimate } from '@/lib/core/estimate/turnaround-estimate';
import type { Facts } from '@/lib/core/policy/facts';
import type { JudgedAction } from '@/lib/core/policy/judge';
import type { PriceRow } from '@/lib/core/pricing';
import { type Offer, type Policy, USD } from './simulate';
import type { Trace } from './trace';

/** Offpeak reads anew every 10 s; with a call or two a minute this makes no difference, but for the bench's own time. */
const REFRESH_MS = 60_000;
/** As many as the store hands over of one model. */
const MOST_BATCHES = 500;

export interface Terms {
  maxMiss: number;
  minSaving: number;
}

const pico = (usdPerMTok: number) => BigInt(Math.round(usdPerMTok * 1e6));
const PRICE: PriceRow = {
  id: 1,
  model: 'm',
  aliases: [],
  effectiveFrom: new Date(0),
  base: {
    input: pico(USD.input),
    output: pico(USD.output),
    cacheWrite5m: pico(USD.write['5m']),
    cacheWrite1h: pico(USD.write['1h']),
    cacheRead: pico(USD.read),
  },
  longContext: null,
  batchPermille: 500,
  geoUsPermille: null,
  webSearch: 0n,
};

const tokensOf = ({ turn }: Offer) => ({ prefix: turn.cached + turn.added, other: turn.other, output: turn.output });

export const allSync: Policy = { decide: () => 'sync' };

export const allBatch: Policy = { decide: ({ h }) => (h > 0 ? 'batch' : 'sync') };

/** Knows the true distribution of this moment and the true state of the cache, not the draw. */
export function informed({ law, ttl }: Trace, { maxMiss, minSaving }: Terms): Policy {
  return {
    decide(offer) {
      const { at, h, turn, timing, isLastTurn, lastSyncAt } = offer;
      if (h <= 0) return 'sync';
      const miss = 1 - law.doneWithin(at + timing.windowMs, h);
      const warmUntil = (lastSyncAt ?? Number.NEGATIVE_INFINITY) + CACHE_TTL_MS[ttl];
      const share = turn.cached / Math.max(1, turn.cached + turn.added);
      const chances: Chances = {
        q: at < warmUntil ? share : 0,
        qLater: at + escalateAfterMs(timing) < warmUntil ? share : 0,
        b: at + h / 4 < warmUntil ? 0.8 * share : 0,
        nu: isLastTurn ? 0 : 1,
        kappa: 1,
      };
      const { sync, sending } = expectedCost(PRICE, ttl, tokensOf(offer), chances);
      return miss <= maxMiss && sync - sending(miss) >= minSaving * sync ? 'batch' : 'sync';
    },
  };
}

/** Knows every draw: batch exactly when it comes back in time and is cheaper. */
export const clairvoyant = ({ ttl }: Trace): Policy => ({
  decide(offer) {
    const { h, turn, at, lastSyncAt, isLastTurn } = offer;
    if (h <= 0 || !offer.peek()) return 'sync';
    const warm = lastSyncAt !== null && at < lastSyncAt + CACHE_TTL_MS[ttl];
    const share = turn.cached / Math.max(1, turn.cached + turn.added);
    const chances = { q: warm ? share : 0, qLater: 0, b: 0, nu: isLastTurn ? 0 : 1, kappa: 1 };
    const { sync, sending } = expectedCost(PRICE, ttl, tokensOf(offer), chances);
    return sending(0) < sync ? 'batch' : 'sync';
  },
});

/** Offpeak's own `auto`, which knows what it has seen. */
export function auto({ ttl }: Trace, terms: Terms & { explore: number }): Policy {
  const memory = new PrefixMemory();
  const states = new WeakMap<Offer, PrefixState>();
  let estimate: TurnaroundEstimate | null = null;
  let estimatedAt = Number.NEGATIVE_INFINITY;
  return {
    decide(offer) {
      const { at, timing, turn, batches } = offer;
      if (at - estimatedAt >= REFRESH_MS) {
        estimate = estimateTurnaround(
          batches.slice(-MOST_BATCHES).map(({ createdAt, endsAt, readAt }) => {
            const ended = readAt <= at;
            return { createdAt, ms: (ended ? endsAt : at) - createdAt, ended };
          }),
          at,
        );
        estimatedAt = at;
      }
      const prefix = memory.arrived(prefixCall(offer, ttl), at);
      states.set(offer, prefix);
      const action: JudgedAction = {
        lane: 'auto',
        ...terms,
        escalate: true,
        deadlineMs: timing.deadlineMs,
        windowMs: timing.windowMs,
        maxItems: 1_000,
      };
      const judge = makeJudge({
        estimate: {
          snapshotId: '',
          turnaround: estimate,
          createLagMs: timing.createLagMs,
          collectLagMs: timing.collectLagMs,
          billedAnywayShare: 1,
          batchReadShare: null,
        },
        price: PRICE,
        tokens: tokensOf(offer),
        prefix,
        syncNeedMs: timing.syncNeedMs,
        patienceMs: null,
      });
      const { lane, because } = judge(action, { requestId: `opr_${turn.n}`, arrivedAt: at } as Facts);
      return lane === 'sync' ? 'sync' : because === 'explore' ? 'explore' : 'batch';
    },
    answered(offer, answer) {
      const state = states.get(offer);
      if (state) memory.answered(prefixCall(offer, ttl), state, answer);
    },
  };
}

function prefixCall({ session, turn }: Offer, ttl: CacheTtl): PrefixCall {
  const i = session.turns.indexOf(turn);
  const hashes = turn.cached + turn.added === 0 ? [] : [`${session.id}.${i - 1}`, `${session.id}.${i}`];
  return { scope: 'fleet m', hashes, ttl, session: String(session.id) };
}
