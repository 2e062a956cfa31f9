import { queryOptions } from '@tanstack/react-query';
import type { Bill, BillComparison, BillList, BillRequest } from '@/lib/contract/bills';
import { fetchJson } from './fetch-json';

export const billsQuery = queryOptions({
  queryKey: ['bills', 'list'],
  queryFn: ({ signal }) => fetchJson<BillList>('/api/bills', { signal }),
});

/** UTC days, both ends inclusive. */
export function billComparisonQuery(firstDay: string, lastDay: string) {
  return queryOptions({
    queryKey: ['bills', 'compare', firstDay, lastDay],
    queryFn: ({ signal }) => fetchJson<BillComparison>('/api/bills/compare', { query: { firstDay, lastDay }, signal }),
  });
}

export function importBill(request: BillRequest): Promise<Bill> {
  return fetchJson<Bill>('/api/bills', { method: 'POST', body: request });
}

export function deleteBill(id: string): Promise<unknown> {
  return fetchJson(`/api/bills/${encodeURIComponent(id)}`, { method: 'DELETE' });
}
