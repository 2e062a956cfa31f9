import type { PicoUsd } from './money';
import { priceUsage } from './price-usage';
import type { PriceBook } from './pricing';

/** What probes are told by in the log. */
export const PROBE_RULE = 'probe';
export const PROBE_TAGS = { offpeak: 'probe' } as const;

const MAX_TOKENS = 16;
/** More than the prompt below can come to, whatever counts it. */
const MOST_INPUT_TOKENS = 100;

export interface ProbeSettings {
  enabled: boolean;
  /** Of one model, no two probes and no probe after a batch within this. */
  intervalMs: number;
  models: readonly string[];
  /** A UTC day's. */
  dailyCapPico: PicoUsd;
}

export const NO_PROBES: ProbeSettings = { enabled: false, intervalMs: 30 * 60_000, models: [], dailyCapPico: 0n };

/** What one probe may cost at most: a batch of one item, and the same request by sync. */
export interface ProbeCost {
  batchPico: PicoUsd;
  syncPico: PicoUsd;
}

export function probeBody(model: string): { model: string; max_tokens: number; messages: object[] } {
  return { model, max_tokens: MAX_TOKENS, messages: [{ role: 'user', content: 'Reply with the word OK.' }] };
}

/** `null`: the model has no price. @param at Unix ms. */
export function worstProbeCost(book: PriceBook, model: string, at: number): ProbeCost | null {
  const usage = { input_tokens: MOST_INPUT_TOKENS, output_tokens: MAX_TOKENS };
  const sync = priceUsage(book, [model], at, usage).costPico;
  const batch = priceUsage(book, [model], at, { ...usage, service_tier: 'batch' }).costPico;
  return sync === null || batch === null ? null : { batchPico: BigInt(batch), syncPico: BigInt(sync) };
}

export const PROBE_STATES = ['off', 'paused', 'no_credential', 'unpriced', 'fresh', 'capped', 'due'] as const;
export type ProbeState = (typeof PROBE_STATES)[number];

/** Why a model is not probed now, the most lasting reason first; `due`: it is, with the lane's next look. */
export function probeState(
  settings: ProbeSettings,
  seen: {
    paused: boolean;
    hasCredential: boolean;
    worst: ProbeCost | null;
    /** Of the day, what is under way counted at its worst. */
    spentPico: PicoUsd;
    /** When the model's newest batch was made or its last probe begun, Unix ms. */
    lastAt: number | null;
    now: number;
  },
): ProbeState {
  if (!settings.enabled) return 'off';
  if (seen.paused) return 'paused';
  if (!seen.hasCredential) return 'no_credential';
  if (!seen.worst) return 'unpriced';
  if (seen.lastAt !== null && seen.now < seen.lastAt + settings.intervalMs) return 'fresh';
  const { batchPico, syncPico } = seen.worst;
  return seen.spentPico + batchPico + syncPico > settings.dailyCapPico ? 'capped' : 'due';
}
