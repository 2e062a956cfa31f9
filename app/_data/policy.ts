import { queryOptions } from '@tanstack/react-query';
import type {
  PolicyAnswer,
  PolicyDraft,
  PolicyDraftAnswer,
  PolicyDraftRequest,
  PolicyVersion,
  PolicyVersions,
} from '@/lib/contract/policy';
import type { ExplainAnswer } from '@/lib/contract/policy-explain';
import type { PolicyDocument } from '@/lib/core/policy/document';
import { fetchJson } from './fetch-json';

const PUBLISHED_MS = 10_000;

/** Asked again and again: another operator may publish while this one writes. */
export const policyQuery = queryOptions({
  queryKey: ['policy', 'current'],
  queryFn: ({ signal }) => fetchJson<PolicyAnswer>('/api/policy', { signal }),
  refetchInterval: PUBLISHED_MS,
});

export const policyVersionsQuery = queryOptions({
  queryKey: ['policy', 'versions'],
  queryFn: ({ signal }) => fetchJson<PolicyVersions>('/api/policy/versions', { signal }),
});

/** Read once: from then on the page knows better than the server. */
/** A version never changes. */
export function policyVersionQuery(version: number) {
  return queryOptions({
    queryKey: ['policy', 'version', version],
    queryFn: ({ signal }) => fetchJson<PolicyVersion>(`/api/policy/versions/${version}`, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export const policyDraftQuery = queryOptions({
  queryKey: ['policy', 'draft'],
  queryFn: async ({ signal }) => {
    await lastWrite;
    return fetchJson<PolicyDraftAnswer>('/api/policy/draft', { signal });
  },
  staleTime: 0,
  gcTime: 0,
  refetchOnWindowFocus: false,
  refetchOnReconnect: false,
});

/** Writes go one after the other: the last one told is the one that stays. */
let lastWrite: Promise<unknown> = Promise.resolve();

function inTurn<T>(write: () => Promise<T>): Promise<T> {
  const done = lastWrite.then(write, write);
  lastWrite = done.catch(() => undefined);
  return done;
}

export function keepDraft(draft: PolicyDraftRequest): Promise<PolicyDraft> {
  return inTurn(() => fetchJson<PolicyDraft>('/api/policy/draft', { method: 'PUT', body: draft }));
}

export function discardDraft(): Promise<void> {
  return inTurn(() => fetchJson<void>('/api/policy/draft', { method: 'DELETE' }));
}

export function publishPolicy(request: {
  document: PolicyDocument;
  note: string | null;
  baseVersion: number;
}): Promise<PolicyAnswer> {
  return fetchJson<PolicyAnswer>('/api/policy', { method: 'PUT', body: request });
}

export function setPaused(paused: boolean, note: string | null): Promise<PolicyAnswer> {
  return fetchJson<PolicyAnswer>('/api/policy/paused', { method: 'PUT', body: { paused, note } });
}

export function restoreVersion(version: number, note: string | null, baseVersion: number): Promise<PolicyAnswer> {
  return fetchJson<PolicyAnswer>(`/api/policy/versions/${version}/restore`, {
    method: 'POST',
    body: { note, baseVersion },
  });
}

export function explainCall(request: unknown): Promise<ExplainAnswer> {
  return fetchJson<ExplainAnswer>('/api/policy/explain', { method: 'POST', body: request });
}
