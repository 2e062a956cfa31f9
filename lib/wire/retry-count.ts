import { type HeaderPairs, header } from './headers';

/** Which try this is, by the client's own word: 0 for a first one. */
export function retryCount(headers: HeaderPairs): number {
  const told = header(headers, 'x-stainless-retry-count') ?? '';
  return /^\d{1,4}$/.test(told) ? Number(told) : 0;
}
