import { ApiError, invalid } from './api-error';
import { isObject, type JsonObject } from './json-value';

/** One entry of `requests`, with its params still unchecked. */
export interface BatchEntry {
  readonly custom_id: string;
  readonly params: JsonObject;
}

const MOST_ITEMS = 100_000;

/**
 * Checks what a batch is refused for at once; everything inside `params` is judged item by item, later
 * (Message Batches API).
 *
 * @throws ApiError 400, or 413 for too many items
 */
export function checkBatchEnvelope(json: unknown): readonly BatchEntry[] {
  if (!isObject(json)) throw invalid('Input should be a valid dictionary');
  for (const field of Object.keys(json)) {
    if (field !== 'requests') throw invalid(`${field}: Extra inputs are not permitted`);
  }
  const { requests } = json;
  if (requests === undefined) throw invalid('requests: Field required');
  if (!Array.isArray(requests)) throw invalid('requests: Input should be a valid list');
  if (requests.length === 0) throw invalid('requests: List should have at least 1 item after validation, not 0');
  if (requests.length > MOST_ITEMS) {
    throw new ApiError('request_too_large', `requests: at most ${MOST_ITEMS} items per batch, not ${requests.length}`);
  }
  const seen = new Set<string>();
  return requests.map((entry, index) => {
    const checked = checkEntry(entry, `requests.${index}`);
    if (seen.has(checked.custom_id)) {
      throw invalid(
        `requests.${index}.custom_id: custom_id must be unique within the batch, found duplicate "${checked.custom_id}"`,
      );
    }
    seen.add(checked.custom_id);
    return checked;
  });
}

function checkEntry(entry: unknown, path: string): BatchEntry {
  if (!isObject(entry)) throw invalid(`${path}: Input should be a valid dictionary`);
  for (const field of Object.keys(entry)) {
    if (field !== 'custom_id' && field !== 'params') throw invalid(`${path}.${field}: Extra inputs are not permitted`);
  }
  const { custom_id: customId, params } = entry;
  if (customId === undefined) throw invalid(`${path}.custom_id: Field required`);
  if (typeof customId !== 'string') throw invalid(`${path}.custom_id: Input should be a valid string`);
  if (!/^[a-zA-Z0-9_-]{1,64}$/.test(customId)) {
    throw invalid(`${path}.custom_id: String should match pattern '^[a-zA-Z0-9_-]{1,64}$'`);
  }
  if (params === undefined) throw invalid(`${path}.params: Field required`);
  if (!isObject(params)) throw invalid(`${path}.params: Input should be a valid dictionary`);
  return { custom_id: customId, params };
}
