import { doneCdf, kaplanMeier } from '@/lib/core/estimate/kaplan-meier';
import { medianInterval } from '@/lib/core/estimate/median-interval';
import { quantile } from '@/lib/core/estimate/percentile';
import { formatUsd } from '@/lib/core/money';
import type { PriceBook } from '@/lib/core/pricing';
import { type Verdict, waitingVerdict } from '@/lib/core/series/waiting-verdict';
import type { Probe } from './measure-models';

export interface ModelTurnaround {
  model: string;
  /** Per million tokens, sync. */
  price: { inputUsd: string; outputUsd: string } | null;
  /** Batches, and how many of them had not come back. */
  n: number;
  pending: number;
  p50: number | null;
  /** Its 95 % interval. */
  low: number | null;
  high: number | null;
  p90: number | null;
  syncP50: number | null;
  cdf: [ms: number, share: number, low: number, high: number][];
}

export interface ModelVerdict {
  models: ModelTurnaround[];
  verdict: Verdict;
}

/** The latency page's arithmetic over these probes: Kaplan–Meier, what has not come back counted at its age. */
export function judgeModels(probes: readonly Probe[], book: PriceBook, at: Date): ModelVerdict {
  const names = [...new Set(probes.map(({ model }) => model))];
  const models = names.map((model) => turnaroundOf(model, probes, book, at));
  models.sort((a, b) => Number(a.price?.outputUsd ?? Infinity) - Number(b.price?.outputUsd ?? Infinity));
  const verdict = waitingVerdict(
    models.map(({ model, price, n, low, high }) => ({ model, price, turnaround: { n, low, high } })),
  );
  return { models, verdict };
}

function turnaroundOf(model: string, probes: readonly Probe[], book: PriceBook, at: Date): ModelTurnaround {
  const own = probes.filter((probe) => probe.model === model);
  const curve = kaplanMeier(own.map(({ turnaroundMs, ended }) => ({ ms: turnaroundMs, ended, weight: 1 })));
  const cdf = doneCdf(curve);
  const prices = book.priceAt(model, at)?.base;
  const perMillion = (pico: bigint) => formatUsd(pico * 1_000_000n);
  const sync = own.flatMap(({ syncMs }) => (syncMs === null ? [] : [syncMs])).sort((a, b) => a - b);
  return {
    model,
    price: prices ? { inputUsd: perMillion(prices.input), outputUsd: perMillion(prices.output) } : null,
    n: own.length,
    pending: curve.censored,
    p50: quantile(curve, 0.5),
    ...medianInterval(cdf),
    p90: quantile(curve, 0.9),
    syncP50: sync[Math.floor(sync.length / 2)] ?? null,
    cdf,
  };
}
