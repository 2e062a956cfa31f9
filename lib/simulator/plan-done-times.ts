import type { Fault } from './fault-rule';
import { faultOf } from './fault-script';
import { type CatalogModel, findModel } from './model-catalog';
import type { Draft } from './plan-batch';
import { SeededRandom } from './seeded-random';
import type { SimulatedApi } from './simulated-api';
import { drawTurnaround } from './turnaround';

/** The model whose turnaround a batch has that consists of invalid items only. */
const STAND_IN = 'claude-sonnet-5-5';

/**
 * When each item of a new batch is done, in virtual time; `null` for never. The models of a mixed batch draw apart,
 * and in each the item with the longest answer is the last one.
 */
export function planDoneTimes(
  api: SimulatedApi,
  drafts: readonly Draft[],
  createdAtMs: number,
  purpose: string,
  faults: readonly Fault[],
): (number | null)[] {
  const groups = new Map<CatalogModel, { indexes: number[]; last: number; tokens: number }>();
  for (const [index, draft] of drafts.entries()) {
    const model = draft.kind === 'valid' ? draft.input.model : findModel(STAND_IN);
    if (model === undefined) continue;
    const tokens = draft.kind === 'valid' ? draft.answer.outputTokens : 0;
    const group = groups.get(model);
    if (group === undefined) {
      groups.set(model, { indexes: [index], last: index, tokens });
      continue;
    }
    group.indexes.push(index);
    if (tokens > group.tokens) Object.assign(group, { last: index, tokens });
  }
  const times: (number | null)[] = drafts.map(() => createdAtMs);
  const sinceStartMs = (createdAtMs - api.bornAtMs) * api.clock.timeScale;
  for (const [model, group] of groups) {
    const random = new SeededRandom(api.seed, `${purpose}|turnaround|${model.id}`);
    const subject = { model, items: group.indexes.length, longestOutputTokens: group.tokens, sinceStartMs };
    const turnaroundMs = drawTurnaround(api.turnaround, subject, api.seed, random);
    for (const index of group.indexes) {
      // A batch that never ends has finished parts, too: the others stop at a usual time.
      const base = Number.isFinite(turnaroundMs) ? turnaroundMs : api.turnaround.medianMs;
      const share = index === group.last ? 1 : random.between(0.35, 1);
      const never = index === group.last && !Number.isFinite(turnaroundMs);
      times[index] = never ? null : createdAtMs + api.clock.scaled(base * share);
    }
    if (faultOf(faults, 'never_ends') !== undefined) times[group.last] = null;
  }
  const failure = faultOf(faults, 'item_errors');
  if (failure?.type !== 'expired') return times;
  return times.map((time, index) => (drafts[index]?.kind === 'invalid' ? null : time));
}
