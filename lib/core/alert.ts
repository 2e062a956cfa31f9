import { HIDDEN_CHARACTER } from './hidden-characters';
import { formatUsd, type PicoUsd } from './money';

export const ALERT_KINDS = [
  'budget',
  'deadline_misses',
  'late_batch',
  'unpriced_model',
  'lane_down',
  'database_down',
] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];

/** Something that an operator wants to be told of once, and once more when it is over. */
export interface Alert {
  kind: AlertKind;
  /** What it is about, within its kind: a key's or model's name, a batch, a month; '' where there is only one. */
  subject: string;
  text: string;
}

/** What a look at the database found; ages and spans in ms. */
export interface Conditions {
  month: string;
  /** Keys whose spend has reached their monthly budget. */
  spentKeys: readonly { name: string; spentPico: PicoUsd; budgetPico: PicoUsd }[];
  /** Calls whose deadline passed without an answer, of those that ended within `MISSES_WITHIN_MS`. */
  missedDeadlines: number;
  openBatches: readonly { id: string; model: string; ageMs: number; items: number }[];
  unpricedModels: readonly { model: string; requests: number }[];
  /** How long the oldest queued call has been due for a batch; `null`: none waits. */
  oldestDueMs: number | null;
}

export const MISSES_WITHIN_MS = 10 * 60_000;
export const UNPRICED_WITHIN_MS = 60 * 60_000;
/** A turn of the lane takes well under a second; longer than this nobody turns it. */
const LANE_DOWN_AFTER_MS = 60_000;
/** Upstream promises most batches within an hour. */
const LATE_UNMEASURED_MS = 60 * 60_000;
const LATE_AT_LEAST_MS = 10 * 60_000;
const LATE_TIMES_P95 = 3;

/** From when on a batch counts as late: three times what 95 % of its model's batches take, or an hour unmeasured. */
export function lateAfterMs(p95Ms: number | null): number {
  return p95Ms === null ? LATE_UNMEASURED_MS : Math.max(LATE_AT_LEAST_MS, LATE_TIMES_P95 * p95Ms);
}

/** The alerts that hold now, in the order of their kinds. */
export function alertsOf(conditions: Conditions, batchP95Ms: (model: string) => number | null): Alert[] {
  const { month, spentKeys, missedDeadlines, openBatches, unpricedModels, oldestDueMs } = conditions;
  const alerts: Alert[] = spentKeys.map(({ name, spentPico, budgetPico }) => ({
    kind: 'budget',
    subject: `${name} ${month}`,
    text: `The budget of key ${name} for ${month} is spent: ${formatUsd(spentPico)} of ${formatUsd(budgetPico)} USD. Its calls are refused until the month is over.`,
  }));
  if (missedDeadlines > 0) {
    alerts.push({
      kind: 'deadline_misses',
      subject: '',
      text: `${count(missedDeadlines, 'call')} had no answer by the deadline within the last ${minutes(MISSES_WITHIN_MS)}.`,
    });
  }
  for (const { id, model, ageMs, items } of openBatches) {
    const p95 = batchP95Ms(model);
    if (ageMs < lateAfterMs(p95)) continue;
    const usual = p95 === null ? 'nothing is measured of this model yet' : `95 % of this model's take ${minutes(p95)}`;
    alerts.push({
      kind: 'late_batch',
      subject: id,
      text: `Batch ${id} of ${model} (${count(items, 'call')}) has been open for ${minutes(ageMs)}; ${usual}.`,
    });
  }
  for (const { model, requests } of unpricedModels) {
    alerts.push({
      kind: 'unpriced_model',
      subject: model,
      text: `${model} has no price: ${count(requests, 'call')} of the last ${minutes(UNPRICED_WITHIN_MS)} in no sum of money.`,
    });
  }
  if (oldestDueMs !== null && oldestDueMs > LANE_DOWN_AFTER_MS) {
    alerts.push({
      kind: 'lane_down',
      subject: '',
      text: `The batch lane stands still: a call has been due for a batch for ${minutes(oldestDueMs)}.`,
    });
  }
  return alerts;
}

/** The kinds whose end is worth a message of its own; the others end by themselves. */
export function endText({ kind, subject }: Pick<Alert, 'kind' | 'subject'>): string | null {
  if (kind === 'lane_down') return 'The batch lane moves again.';
  if (kind === 'database_down') return 'Postgres answers again.';
  if (kind === 'late_batch') return `Batch ${subject} is not open any more.`;
  return null;
}

// Names in it may have come from clients.
const HIDDEN = new RegExp(HIDDEN_CHARACTER, 'gu');

/** Slack's own escapes (api.slack.com/reference/surfaces/formatting): without them a name could mention a whole channel. */
export function slackMessage(text: string, origin: string): { text: string } {
  const inert = text.replace(HIDDEN, '�').replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return { text: `Offpeak (${origin}): ${inert.slice(0, 2_000)}` };
}

function count(n: number, noun: string): string {
  return `${n.toLocaleString('en-US')} ${noun}${n === 1 ? '' : 's'}`;
}

function minutes(ms: number): string {
  const whole = Math.max(1, Math.round(ms / 60_000));
  return whole < 120 ? count(whole, 'minute') : count(Math.round(whole / 60), 'hour');
}
