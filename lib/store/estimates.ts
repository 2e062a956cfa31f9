import type { Sql } from 'postgres';
import type { ModelEstimate } from '@/lib/gateway/estimates';

export async function loadEstimates(_sql: Sql, _upstreamId: number, _now: number): Promise<Map<string, ModelEstimate>> {
  return new Map();
}
