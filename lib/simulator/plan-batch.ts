import { ApiError, type ErrorEnvelope } from './api-error';
import type { BatchItem, BatchRecord } from './batch-record';
import type { BatchEntry } from './check-batch-envelope';
import type { Answer } from './compose-answer';
import type { Exchange } from './exchange';
import { faultOf } from './fault-script';
import { assembleMessage, composeFor, type GenerationInput } from './generate-message';
import { derivedId } from './identifiers';
import { layoutPrompt } from './layout-prompt';
import { checkContextWindow, directedError } from './messages-endpoint';
import { planDoneTimes } from './plan-done-times';
import { SeededRandom } from './seeded-random';
import type { SimulatedApi } from './simulated-api';
import { checkThinkingBlocks } from './thinking-signature';
import { validateMessage } from './validate-message';

/** A batch lives this long, and its results that long. */
const BATCH_EXPIRY_MS = 24 * 3_600_000;
export const BATCH_ARCHIVE_MS = 29 * 24 * 3_600_000;
/** Items between two turns of the event loop. */
const SLICE = 250;

/** An item after validation: an answer that waits for its bill, or the error that it will end with. */
export type Draft =
  | { readonly kind: 'valid'; readonly input: Omit<GenerationInput, 'split'>; readonly answer: Answer }
  | { readonly kind: 'invalid'; readonly error: ErrorEnvelope; readonly model: string };

/**
 * Decides everything about a new batch at once: answers, errors, times. Callers see none of it before its time comes,
 * and what is decided can be written down whole.
 */
export async function planBatch(
  api: SimulatedApi,
  exchange: Exchange,
  entries: readonly BatchEntry[],
  purpose: string,
): Promise<BatchRecord> {
  const id = api.ids.next('msgbatch');
  const createdAtMs = api.clock.now();
  const drafts: Draft[] = [];
  for (const [index, entry] of entries.entries()) {
    drafts.push(draftItem(api, exchange, entry, id, createdAtMs, index, purpose));
    if (index % SLICE === SLICE - 1) await new Promise((resolve) => setImmediate(resolve));
  }
  const doneAtMs = planDoneTimes(api, drafts, createdAtMs, purpose, exchange.faults);
  const hitChance = new SeededRandom(api.seed, `${purpose}|cache`).between(...api.cacheConfig.batchHitRange);
  const items: BatchItem[] = [];
  for (const [index, draft] of drafts.entries()) {
    const at = doneAtMs[index] ?? null;
    const customId = entries[index]?.custom_id ?? '';
    items.push(finishItem(api, exchange, draft, customId, at, hitChance, `${purpose}|${index}`));
    if (index % SLICE === SLICE - 1) await new Promise((resolve) => setImmediate(resolve));
  }
  const never = items.some((item) => item.doneAtMs === null);
  return {
    id,
    ...exchange.caller,
    createdAtMs,
    expiresAtMs: createdAtMs + api.clock.scaled(BATCH_EXPIRY_MS),
    lastDoneAtMs: never ? null : items.reduce((latest, item) => Math.max(latest, item.doneAtMs ?? 0), createdAtMs),
    hiddenUntilMs: createdAtMs + (faultOf(exchange.faults, 'hide_batch')?.ms ?? 0),
    items,
    purpose,
    cancelInitiatedAtMs: null,
    cancelDoneAtMs: null,
    booked: false,
    endCounts: null,
  };
}

function draftItem(
  api: SimulatedApi,
  { version, betas, caller, faults }: Exchange,
  { custom_id, params }: BatchEntry,
  batchId: string,
  nowMs: number,
  index: number,
  purpose: string,
): Draft {
  try {
    const model = validateMessage(params, { version, betas, lane: 'batch' });
    checkThinkingBlocks(params, api.seed, caller.organization, model);
    const layout = layoutPrompt(params, model);
    checkContextWindow(layout.totalTokens, model);
    const scripted = faultOf(faults, 'item_errors');
    const fails = scripted && new SeededRandom(api.seed, `${purpose}|fails|${index}`).next() < scripted.share;
    const failure = fails ? new ApiError(scripted.type, 'Scripted item failure') : directedError(params);
    if (failure !== null) throw failure;
    const input = {
      body: params,
      model,
      layout,
      messageId: derivedId('msg', `${batchId}|${custom_id}`),
      lane: 'batch',
      seed: api.seed,
      organization: caller.organization,
      nowMs,
    } as const;
    return { kind: 'valid', input, answer: composeFor(input) };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { kind: 'invalid', error: error.envelope(null), model: String(params.model ?? '') };
  }
}

function finishItem(
  api: SimulatedApi,
  { caller }: Exchange,
  draft: Draft,
  customId: string,
  doneAtMs: number | null,
  hitChance: number,
  purpose: string,
): BatchItem {
  if (draft.kind === 'invalid') {
    const result = JSON.stringify({ type: 'errored', error: draft.error });
    return { customId, outcome: 'errored', doneAtMs, result, model: draft.model, messageId: null, usage: null };
  }
  const { input, answer } = draft;
  const lane = api.cacheConfig.shareLanes ? 'both' : 'batch';
  const mayHit = new SeededRandom(api.seed, `${purpose}|hit`).next() < hitChance;
  const scope = { workspace: caller.workspace, lane };
  const split = api.cache.split(input.layout, input.model, scope, doneAtMs ?? input.nowMs, 0, mayHit);
  const { message, usage } = assembleMessage({ ...input, split }, answer);
  return {
    customId,
    outcome: 'succeeded',
    doneAtMs,
    result: JSON.stringify({ type: 'succeeded', message }),
    model: input.model.id,
    messageId: input.messageId,
    usage,
  };
}
