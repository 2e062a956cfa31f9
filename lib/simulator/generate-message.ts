import { type Answer, composeAnswer } from './compose-answer';
import { isObject, type JsonObject } from './json-value';
import type { PromptLayout } from './layout-prompt';
import type { MessageUsage } from './message-usage';
import type { CatalogModel } from './model-catalog';
import type { PromptSplit } from './prompt-cache';

/** A finished Message and what it is billed on. */
export interface GeneratedMessage {
  readonly message: JsonObject;
  readonly usage: MessageUsage;
  readonly model: CatalogModel;
}

/** What a message is generated from. */
export interface GenerationInput {
  readonly body: JsonObject;
  readonly model: CatalogModel;
  readonly layout: PromptLayout;
  readonly split: PromptSplit;
  readonly messageId: string;
  readonly lane: 'sync' | 'batch';
  readonly seed: number;
  readonly organization: string;
  readonly nowMs: number;
}

/** Generates the Message of a validated request (Messages API, response). */
export function generateMessage(input: GenerationInput): GeneratedMessage {
  return assembleMessage(input, composeFor(input));
}

/** What the model says, before it is known how its prompt is billed. */
export function composeFor(input: Omit<GenerationInput, 'split'>): Answer {
  return composeAnswer(input.body, {
    seed: input.seed,
    organization: input.organization,
    model: input.model,
    promptTokens: input.layout.totalTokens,
    messageId: input.messageId,
    nowMs: input.nowMs,
  });
}

/** Puts an answer and its bill into a Message. */
export function assembleMessage(input: GenerationInput, answer: Answer): GeneratedMessage {
  const { body, model, messageId } = input;
  const usage = usageOf(input, answer);
  const message: JsonObject = {
    id: messageId,
    type: 'message',
    role: 'assistant',
    model: model.id,
    content: answer.content,
    container: answer.container,
    diagnostics: isObject(body.diagnostics) ? { cache_miss_reason: null } : null,
    stop_reason: answer.stopReason,
    stop_sequence: answer.stopSequence,
    stop_details: answer.stopDetails,
    usage,
  };
  if (isObject(body.context_management)) message.context_management = { applied_edits: [] };
  return { message, usage, model };
}

function usageOf({ body, model, split, lane }: GenerationInput, answer: Answer): MessageUsage {
  const searched = answer.webSearches + answer.webFetches > 0;
  return {
    input_tokens: split.input,
    output_tokens: answer.outputTokens,
    cache_creation_input_tokens: split.write5m + split.write1h,
    cache_read_input_tokens: split.read,
    cache_creation: { ephemeral_5m_input_tokens: split.write5m, ephemeral_1h_input_tokens: split.write1h },
    server_tool_use: searched
      ? { web_search_requests: answer.webSearches, web_fetch_requests: answer.webFetches }
      : null,
    output_tokens_details: answer.thinkingTokens > 0 ? { thinking_tokens: answer.thinkingTokens } : null,
    service_tier: lane === 'batch' ? 'batch' : 'standard',
    inference_geo: model.version <= 4.5 ? 'not_available' : body.inference_geo === 'us' ? 'us' : 'global',
    speed: body.speed === 'fast' ? 'fast' : 'standard',
  };
}
