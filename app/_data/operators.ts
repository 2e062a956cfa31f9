import { queryOptions } from '@tanstack/react-query';
import type { Operator, OperatorList, OperatorRequest } from '@/lib/contract/operators';
import { fetchJson } from './fetch-json';

export const operatorsQuery = queryOptions({
  queryKey: ['operators'],
  queryFn: ({ signal }) => fetchJson<OperatorList>('/api/operators', { signal }),
});

export function createOperator(request: OperatorRequest): Promise<Operator & { token: string }> {
  return fetchJson<Operator & { token: string }>('/api/operators', { method: 'POST', body: request });
}

export function deleteOperator(id: string): Promise<unknown> {
  return fetchJson(`/api/operators/${encodeURIComponent(id)}`, { method: 'DELETE' });
}
