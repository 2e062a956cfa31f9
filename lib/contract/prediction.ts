import { z } from 'zod';
import { Usd } from './query';

/** What an `auto` decision was judged by. `null`: not known. */
export const Prediction = z.object({
  /** Time that the batch itself had, ms. */
  h: z.number().nullable(),
  /** Estimated share of batches that are back within `h`, and its one-sided 95 % lower bound. */
  F: z.number().nullable(),
  lower: z.number().nullable(),
  /** Effective number of batches behind them, and the half-life of their weights, ms. */
  nEff: z.number().nullable(),
  halfLifeMs: z.number().nullable(),
  /** Probability that the prefix is read from cache: in sync, in batch. */
  q: z.number().nullable(),
  b: z.number().nullable(),
  /** Share of escalated items that are billed anyway. */
  kappa: z.number().nullable(),
  /** Probability that a later sync call finds the prefix cold because this one did not refresh it. */
  nu: z.number().nullable(),
  /** Expected costs: one sync call, and sending it to batch with what goes wrong there. */
  syncCostUsd: Usd.nullable(),
  batchCostUsd: Usd.nullable(),
  /** The immutable estimate that was used. */
  snapshotId: z.string().nullable(),
});
