import { type DoneCurve, kaplanMeier, stepAt } from '@/lib/core/estimate/kaplan-meier';
import type { Turnaround } from '@/lib/core/estimate/turnaround';
import { wilson } from '@/lib/core/estimate/wilson';

const HOUR_MS = 3_600_000;
/** Ended batches that an hour must have to speak for itself. */
const LEAST_IN_HOUR = 5;

/** Share of batches that end within some time, with its 95 % band. */
export interface Done {
  share: number;
  low: number;
  high: number;
}

/**
 * How long each model's batches took, hour by hour (UTC); where an hour saw too few, in all of the range. Every batch
 * weighs the same.
 */
export class TurnaroundByHour {
  readonly #hours = new Map<string, DoneCurve>();
  readonly #models = new Map<string, DoneCurve>();

  constructor(batches: readonly (Turnaround & { model: string })[]) {
    const byHour = new Map<string, Turnaround[]>();
    const byModel = new Map<string, Turnaround[]>();
    for (const batch of batches) {
      push(byModel, batch.model, batch);
      push(byHour, hourKey(batch.model, batch.createdAt), batch);
    }
    for (const [key, those] of byModel) this.#models.set(key, curveOf(those));
    for (const [key, those] of byHour) {
      const curve = curveOf(those);
      if (curve.ended >= LEAST_IN_HOUR) this.#hours.set(key, curve);
    }
  }

  /** `null`: no batch of the model ended in the range. @param at Unix ms. */
  of(model: string, at: number): DoneCurve | null {
    const curve = this.#hours.get(hourKey(model, at)) ?? this.#models.get(model);
    return curve && curve.ended > 0 ? curve : null;
  }
}

export function doneWithin(curve: DoneCurve, ms: number): Done {
  const i = stepAt(curve, ms);
  const share = curve.done[i] ?? 0;
  const [low, high] = wilson(share, curve.n[Math.max(0, i)] ?? 0);
  return { share, low, high };
}

function curveOf(batches: readonly Turnaround[]): DoneCurve {
  return kaplanMeier(batches.map(({ ms, ended }) => ({ ms, ended, weight: 1 })));
}

function hourKey(model: string, at: number): string {
  return `${Math.floor(at / HOUR_MS)} ${model}`;
}

function push<T>(groups: Map<string, T[]>, key: string, value: T): void {
  const group = groups.get(key);
  if (group) group.push(value);
  else groups.set(key, [value]);
}
