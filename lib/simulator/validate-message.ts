import { ApiError, invalid } from './api-error';
import { hasBeta } from './check-betas';
import { checkCacheControl } from './check-cache-control';
import { isObject, type JsonObject } from './json-value';
import { type CatalogModel, findModel } from './model-catalog';
import { checkConversation } from './validate-conversation';
import { checkModelRules } from './validate-model-rules';
import { checkTools } from './validate-tools';
import type { ValidationContext } from './validation-context';

const FIELDS: ReadonlySet<string> = new Set([
  'model',
  'max_tokens',
  'messages',
  'system',
  'stop_sequences',
  'stream',
  'metadata',
  'tools',
  'tool_choice',
  'thinking',
  'output_config',
  'service_tier',
  'speed',
  'inference_geo',
  'container',
  'cache_control',
  'diagnostics',
]);

const SAMPLING_FIELDS: ReadonlySet<string> = new Set(['temperature', 'top_p', 'top_k']);

/** Fields that exist only together with a beta of one of the families. */
const BETA_FIELDS: Readonly<Record<string, readonly string[]>> = {
  mcp_servers: ['mcp-client'],
  context_management: ['context-management', 'compact'],
  compaction: ['compact'],
  thread: ['message-threads'],
  fallbacks: ['server-side-fallback'],
  fallback_credit_token: ['fallback-credit'],
  billing_policy: ['user-profiles-billing', 'user-profiles'],
  output_format: ['structured-outputs'],
};

/** Fields that a batch item may not carry (Message Batches, unsupported features). */
const NOT_IN_BATCH: readonly string[] = [
  'thread',
  'store',
  'previous_thread_event_id',
  'cache_hint',
  'context_hint',
  'fallbacks',
];

/**
 * Judges a Messages body the way the API of that version does and returns its model.
 *
 * @throws ApiError 400 `invalid_request_error`, or 404 `not_found_error` for an unknown model
 */
export function validateMessage(body: unknown, context: ValidationContext): CatalogModel {
  if (!isObject(body)) throw invalid('Input should be a valid dictionary');
  if (context.lane === 'batch') checkBatchItem(body);
  checkFieldNames(body, context);
  checkRequired(body);
  const model = findModel(String(body.model));
  if (model === undefined) throw new ApiError('not_found_error', `model: ${String(body.model)}`);
  checkScalars(body);
  checkModelRules(body, model, context);
  checkTools(body, context.betas);
  checkConversation(body, model, context.version);
  return model;
}

function checkBatchItem(body: JsonObject): void {
  if (body.stream === true) throw invalid('stream: Streaming is not supported in batch requests');
  if (body.speed !== undefined && body.speed !== null)
    throw invalid('speed: Fast mode is not supported in batch requests');
  if (body.max_tokens === 0) throw invalid('max_tokens: Input should be greater than or equal to 1 in batch requests');
  for (const field of NOT_IN_BATCH) {
    if (body[field] !== undefined && body[field] !== null) throw invalid(`${field}: not supported in batch requests`);
  }
  if (body.research_preview_2026_02 === 'active') {
    throw invalid('research_preview_2026_02: not supported in batch requests');
  }
  if (isObject(body.billing_policy) && body.billing_policy.bill_to === 'user_profile') {
    throw invalid('billing_policy.bill_to: user_profile is not supported in batch requests');
  }
}

function checkFieldNames(body: JsonObject, { version, betas }: ValidationContext): void {
  for (const field of Object.keys(body)) {
    if (FIELDS.has(field)) continue;
    if (SAMPLING_FIELDS.has(field) && version === '2023-06-01') continue;
    const families = Object.hasOwn(BETA_FIELDS, field) ? BETA_FIELDS[field] : undefined;
    if (families !== undefined && hasBeta(betas, ...families)) continue;
    throw invalid(`${field}: Extra inputs are not permitted`);
  }
}

function checkRequired(body: JsonObject): void {
  for (const field of ['model', 'max_tokens', 'messages'] as const) {
    if (body[field] === undefined) throw invalid(`${field}: Field required`);
  }
  if (typeof body.model !== 'string') throw invalid('model: Input should be a valid string');
  if (body.model === '') throw invalid('model: String should have at least 1 character');
  if (typeof body.max_tokens !== 'number' || !Number.isInteger(body.max_tokens)) {
    throw invalid('max_tokens: Input should be a valid integer');
  }
  if (body.max_tokens < 0) throw invalid('max_tokens: Input should be greater than or equal to 0');
  if (!Array.isArray(body.messages)) throw invalid('messages: Input should be a valid list');
  if (body.messages.length === 0) throw invalid('messages: at least one message is required');
  if (body.messages.length > 100_000) throw invalid('messages: List should have at most 100000 items after validation');
}

function checkScalars(body: JsonObject): void {
  if (body.stream !== undefined && typeof body.stream !== 'boolean') {
    throw invalid('stream: Input should be a valid boolean');
  }
  const { stop_sequences: stops, metadata, service_tier: tier, cache_control: cacheControl } = body;
  if (stops !== undefined && stops !== null) {
    if (!Array.isArray(stops)) throw invalid('stop_sequences: Input should be a valid list');
    for (const [index, stop] of stops.entries()) {
      if (typeof stop !== 'string') throw invalid(`stop_sequences.${index}: Input should be a valid string`);
      if (stop.trim() === '') throw invalid('stop_sequences: each stop sequence must contain non-whitespace');
    }
  }
  if (metadata !== undefined && metadata !== null && !isObject(metadata)) {
    throw invalid('metadata: Input should be a valid dictionary');
  }
  if (isObject(metadata)) {
    for (const key of Object.keys(metadata)) {
      if (key !== 'user_id') throw invalid(`metadata.${key}: Extra inputs are not permitted`);
    }
  }
  if (tier !== undefined && tier !== null && tier !== 'auto' && tier !== 'standard_only') {
    throw invalid("service_tier: Input should be 'auto' or 'standard_only'");
  }
  if (cacheControl !== undefined && cacheControl !== null) checkCacheControl(cacheControl, 'cache_control');
  if (body.max_tokens === 0) checkPreWarm(body);
}

/** `max_tokens: 0` only warms the cache, so whatever asks for output contradicts it. */
function checkPreWarm(body: JsonObject): void {
  const clash = (what: string) => invalid(`max_tokens: 0 is not supported with ${what}`);
  if (body.stream === true) throw clash('`stream: true`');
  if (isObject(body.thinking) && body.thinking.type !== 'disabled') throw clash('thinking');
  if (isObject(body.output_config) && body.output_config.format) throw clash('`output_config.format`');
  if (isObject(body.tool_choice) && (body.tool_choice.type === 'any' || body.tool_choice.type === 'tool')) {
    throw clash('`tool_choice` any or tool');
  }
}
