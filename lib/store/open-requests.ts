import type { OpenedRecord } from '@/lib/core/request-record';
import { isNamed, isOfUpstream, type RequestFilter, splitTag, type UpstreamScope } from './request-filter';
import { namesOneRequest, type Search } from './request-search';

/** A request that is under way in this process, with the name of its key. */
export interface OpenRequest {
  record: OpenedRecord;
  key: string | null;
}

/** The filter of the log, for what is not in the log yet. */
export function matchesOpen({ record, key }: OpenRequest, upstream: UpstreamScope, filter: RequestFilter): boolean {
  const { range, search, endpoints } = filter;
  const anywhere = namesOneRequest(search);
  const inRange = record.arrivedAt >= range.from.getTime() && record.arrivedAt < range.to.getTime();
  const endpointFits = endpoints.length > 0 ? endpoints.includes(record.endpoint) : record.endpoint === 'messages';
  return (
    isOfUpstream(record, upstream) &&
    (anywhere || inRange) &&
    (endpointFits || (anywhere && endpoints.length === 0)) &&
    fits(filter.states, () => filter.states.includes('running')) &&
    // What runs was answered by no lane, and has not failed.
    filter.served.length === 0 &&
    filter.errors.length === 0 &&
    fits(filter.models, () => isNamed(record.model, filter.models)) &&
    fits(filter.lanes, () => filter.lanes.includes(record.lane)) &&
    fits(filter.rules, () => isNamed(record.rule, filter.rules)) &&
    fits(filter.keys, () => isNamed(key, filter.keys)) &&
    fits(filter.tags, () => filter.tags.some((tag) => isTagged(record, tag))) &&
    (search === null || isFound(record, key, search))
  );
}

function fits(values: readonly unknown[], test: () => boolean): boolean {
  return values.length === 0 || test();
}

function isTagged({ tags }: OpenedRecord, tag: string): boolean {
  const { name, value } = splitTag(tag);
  return Object.hasOwn(tags, name) && tags[name] === value;
}

function isFound(record: OpenedRecord, key: string | null, search: Search): boolean {
  if (search.kind === 'request') return record.id === search.id;
  if (search.kind === 'session') return record.sessionId === search.id || record.agentId === search.id;
  // What upstream names a call is known when the call is over.
  if (search.kind !== 'text') return false;
  const prefix = search.prefix.toLowerCase();
  const tags = Object.entries(record.tags).flatMap(([name, value]) => [value, `${name}=${value}`]);
  return [record.model, record.rule, key, ...tags].some((name) => name?.toLowerCase().startsWith(prefix));
}
