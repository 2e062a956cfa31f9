import { parseTolerance } from '@/lib/core/duration';
import { ApiError } from '@/lib/core/errors';
import { parseTags, type Tags } from '@/lib/core/tags';
import { type HeaderPairs, OWN_HEADERS } from './headers';

/** What a call asks of Offpeak itself. */
export interface OffpeakHeaders {
  /** ms; 0 = interactive; null = not stated. */
  toleranceMs: number | null;
  tags: Tags;
  optedOut: boolean;
  retries: number;
  store: boolean;
  idempotencyKey: string | null;
}

const NO_TAGS: Tags = Object.freeze(Object.create(null));

/** @throws ApiError 400 that names a malformed or repeated header: then nothing is sent upstream. */
export function readOffpeakHeaders(headers: HeaderPairs): OffpeakHeaders {
  const read: OffpeakHeaders = {
    toleranceMs: null,
    tags: NO_TAGS,
    optedOut: false,
    retries: 0,
    store: true,
    idempotencyKey: null,
  };
  let seen: Set<string> | null = null;
  for (const [name, value] of headers) {
    const lower = name.toLowerCase();
    if (!OWN_HEADERS.has(lower)) continue;
    seen ??= new Set();
    if (seen.has(lower)) throw fault(lower, 'must not be given twice');
    seen.add(lower);
    readOne(read, lower, value.trim());
  }
  return read;
}

function readOne(into: OffpeakHeaders, name: string, value: string): void {
  switch (name) {
    case 'x-offpeak-tolerance': {
      const ms = parseTolerance(value);
      if (ms === null) throw fault(name, 'must be `interactive` or a duration such as 30s, 10m or 2h (at most 24h)');
      into.toleranceMs = ms;
      return;
    }
    case 'x-offpeak-tags': {
      const tags = parseTags(value);
      if (typeof tags === 'string') throw fault(name, tags);
      into.tags = tags;
      return;
    }
    case 'x-offpeak-lane':
      if (value !== 'sync') throw fault(name, 'can only be `sync`');
      into.optedOut = true;
      return;
    case 'x-offpeak-retries':
      if (!/^(?:[0-9]|1[0-5])$/.test(value)) throw fault(name, 'must be a whole number from 0 to 15');
      into.retries = Number(value);
      return;
    case 'x-offpeak-store':
      if (value !== 'off') throw fault(name, 'can only be `off`');
      into.store = false;
      return;
    default:
      if (value.length === 0 || value.length > 255) throw fault(name, 'must be 1 to 255 characters');
      into.idempotencyKey = value;
  }
}

function fault(name: string, sentence: string): ApiError {
  return new ApiError('invalid_request_error', `${name}: ${sentence}`);
}
