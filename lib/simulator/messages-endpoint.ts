import { ApiError, invalid } from './api-error';
import type { Exchange } from './exchange';
import { faultOf } from './fault-script';
import { type GeneratedMessage, generateMessage } from './generate-message';
import type { JsonObject } from './json-value';
import { layoutPrompt } from './layout-prompt';
import type { CatalogModel } from './model-catalog';
import type { PromptSplit } from './prompt-cache';
import type { Reply, ReplyChunk, Settlement } from './reply';
import { hash53 } from './seeded-random';
import { readDirectives } from './sim-directives';
import type { SimulatedApi } from './simulated-api';
import { streamEvents } from './stream-events';
import { drawSyncLatency, latencyRandom, type SyncLatency } from './sync-latency';
import { checkThinkingBlocks } from './thinking-signature';
import { validateMessage } from './validate-message';

/** Characters per delta: small where the pace shows, large where everything leaves at once. */
const PACED_PIECE = 48;
const INSTANT_PIECE = 512;

/** `POST /v1/messages` (Messages API). @throws ApiError */
export function answerMessage(api: SimulatedApi, exchange: Exchange): Reply {
  const { version, betas, caller } = exchange;
  const body = exchange.json as JsonObject;
  const model = validateMessage(body, { version, betas, lane: 'sync' });
  checkThinkingBlocks(body, api.seed, caller.organization, model);
  const layout = layoutPrompt(body, model);
  checkContextWindow(layout.totalTokens, model);
  const directed = directedError(body);
  if (directed !== null) throw directed;

  const nowMs = api.clock.now();
  const limitHeaders = api.limits.admitMessage(caller.organization, model, nowMs);
  const latency = latencyOf(api, body, model, layout.totalTokens);
  const scope = { workspace: caller.workspace, lane: api.cacheConfig.shareLanes ? 'both' : 'sync' };
  const split = api.cache.split(layout, model, scope, nowMs, api.clock.scaled(latency.ttftMs));
  const generated = generateMessage({
    body,
    model,
    layout,
    split,
    messageId: api.ids.next('msg'),
    lane: 'sync',
    seed: api.seed,
    organization: caller.organization,
    nowMs,
  });
  addUnknowns(generated, exchange);
  const pace = paceOf(api, latency, split, nowMs);
  const settle = settleMessage(api, exchange, generated, pace);
  if (body.stream === true) return streamReply(generated, pace, limitHeaders, settle);
  return {
    status: 200,
    headers: { 'content-type': 'application/json', ...limitHeaders },
    body: JSON.stringify(generated.message),
    atMs: pace.atToken(generated.usage.output_tokens),
    settle,
  };
}

/** @throws ApiError 400 for a prompt that does not fit */
export function checkContextWindow(tokens: number, model: CatalogModel): void {
  if (tokens > model.contextWindow) {
    throw invalid(`prompt is too long: ${tokens} tokens > ${model.contextWindow} maximum`);
  }
}

/** The failure that a prompt asks for with `[[sim:error=…]]`. */
export function directedError(body: JsonObject): ApiError | null {
  const { error } = readDirectives(body);
  return error === undefined ? null : new ApiError(error, 'Simulated failure, asked for in the prompt');
}

interface Pace {
  readonly atToken: (tokens: number) => number;
  readonly tokensBy: (atMs: number) => number;
  readonly instant: boolean;
}

function latencyOf(api: SimulatedApi, body: JsonObject, model: CatalogModel, promptTokens: number): SyncLatency {
  const fast = body.speed === 'fast';
  if (api.sync.instant) return drawSyncLatency(api.sync, model, fast, latencyRandom(api.seed, ''));
  const last = hash53(JSON.stringify((body.messages as unknown[]).at(-1)));
  const key = `${model.id}|${promptTokens}|${body.max_tokens}|${last}`;
  return drawSyncLatency(api.sync, model, fast, latencyRandom(api.seed, `${key}|${api.occurrences.next(key)}`));
}

function paceOf(api: SimulatedApi, latency: SyncLatency, split: PromptSplit, nowMs: number): Pace {
  const uncached = split.input + split.write5m + split.write1h;
  const firstMs = nowMs + api.clock.scaled(latency.ttftMs + uncached * latency.msPerPromptToken);
  const msPerToken = api.clock.scaled(latency.msPerToken);
  return {
    atToken: (tokens) => firstMs + tokens * msPerToken,
    tokensBy: (atMs) => (msPerToken === 0 ? Number.POSITIVE_INFINITY : Math.max(0, (atMs - firstMs) / msPerToken)),
    instant: latency.ttftMs === 0 && msPerToken === 0,
  };
}

function streamReply(
  generated: GeneratedMessage,
  pace: Pace,
  limitHeaders: Record<string, string>,
  settle: NonNullable<Reply['settle']>,
): Reply {
  const events = streamEvents(generated, pace.instant ? INSTANT_PIECE : PACED_PIECE);
  const body: ReplyChunk[] = events.map(({ wire, outputTokens }) => ({
    bytes: wire,
    outputTokens,
    atMs: pace.atToken(outputTokens),
  }));
  return {
    status: 200,
    headers: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache', ...limitHeaders },
    body,
    settle,
  };
}

/** Bills what was generated until the end, or until the caller left. */
function settleMessage(
  api: SimulatedApi,
  { caller, requestId }: Exchange,
  { message, usage, model }: GeneratedMessage,
  pace: Pace,
) {
  return (how: Settlement, sentTokens: number | null): void => {
    const at = api.clock.now();
    const made = how === 'delivered' ? usage.output_tokens : (sentTokens ?? Math.floor(pace.tokensBy(at)));
    const billed = { ...usage, output_tokens: Math.min(usage.output_tokens, made) };
    const input = usage.input_tokens + usage.cache_creation_input_tokens;
    api.limits.spend(caller.organization, model, input, billed.output_tokens, at);
    api.ledger.bill({
      kind: 'sync',
      at,
      ...caller,
      model: model.id,
      messageId: String(message.id),
      requestId,
      batchId: null,
      customId: null,
      usage: billed,
      outcome: how,
    });
  };
}

function addUnknowns({ message }: GeneratedMessage, { faults }: Exchange): void {
  const unknown = faultOf(faults, 'unknown');
  if (unknown === undefined) return;
  if (unknown.what === 'usage_field') message.usage = { ...(message.usage as object), constellation_tokens: 7 };
  if (unknown.what === 'message_field') message.constellation = { bright: true };
  if (unknown.what === 'block') {
    message.content = [...(message.content as JsonObject[]), { type: 'constellation', stars: ['Vega', 'Deneb'] }];
  }
}
