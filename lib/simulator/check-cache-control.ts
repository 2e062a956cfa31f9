import { invalid } from './api-error';
import { isObject } from './json-value';

/** @throws ApiError 400 unless `value` is `{type: "ephemeral", ttl?: "5m" | "1h"}` */
export function checkCacheControl(value: unknown, path: string): void {
  if (!isObject(value)) throw invalid(`${path}: Input should be a valid dictionary`);
  if (value.type !== 'ephemeral') throw invalid(`${path}.type: Input should be 'ephemeral'`);
  if (value.ttl !== undefined && value.ttl !== null && value.ttl !== '5m' && value.ttl !== '1h') {
    throw invalid(`${path}.ephemeral.ttl: Input should be '5m' or '1h'`);
  }
}
