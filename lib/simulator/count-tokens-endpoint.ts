import { invalid } from './api-error';
import type { Exchange } from './exchange';
import { isObject } from './json-value';
import { layoutPrompt } from './layout-prompt';
import { jsonReply, type Reply } from './reply';
import type { SimulatedApi } from './simulated-api';
import { validateMessage } from './validate-message';

/** Of the Messages body, what only steers output is no input here. */
const NOT_COUNTED: readonly string[] = [
  'max_tokens',
  'stream',
  'stop_sequences',
  'metadata',
  'service_tier',
  'container',
];

/** `POST /v1/messages/count_tokens` (Token counting). @throws ApiError */
export function countTokens(api: SimulatedApi, exchange: Exchange): Reply {
  const { version, betas, json, caller } = exchange;
  if (!isObject(json)) throw invalid('Input should be a valid dictionary');
  for (const field of NOT_COUNTED) {
    if (json[field] !== undefined) throw invalid(`${field}: Extra inputs are not permitted`);
  }
  // Counting has no max_tokens; the largest value that every model takes stands in for the shared checks.
  const body = { ...json, max_tokens: 64_000 };
  const model = validateMessage(body, { version, betas, lane: 'sync' });
  const headers = api.limits.admitRequest(caller.organization, 'count_tokens', api.clock.now());
  return jsonReply(200, { input_tokens: layoutPrompt(body, model).totalTokens }, headers);
}
