import { csvCell } from '@/lib/core/series/csv';
import type { RequestRow } from './requests';

type Cell = (row: RequestRow) => string | number | boolean | null;

const tokens =
  (name: string): Cell =>
  ({ usage }) => {
    const value = usage?.[name];
    return typeof value === 'number' ? value : null;
  };

/** What the exported list tells of each request: times ISO-8601 in UTC, money plain decimals of USD. */
const COLUMNS: Readonly<Record<string, Cell>> = {
  id: (row) => row.id,
  arrived_at_utc: (row) => row.arrivedAt,
  endpoint: (row) => row.endpoint,
  model: (row) => row.model,
  key: (row) => row.key,
  tags: (row) =>
    Object.entries(row.tags)
      .map(([name, value]) => `${name}=${value}`)
      .join(' '),
  client: (row) => row.client,
  agent: (row) => row.agent,
  session_id: (row) => row.sessionId,
  lane: (row) => row.lane,
  served_by: (row) => row.servedBy,
  rule: (row) => row.rule,
  because: (row) => row.because,
  policy_version: (row) => row.policyVersion,
  state: (row) => row.state,
  http_status: (row) => row.httpStatus,
  error_type: (row) => row.errorType,
  stream: (row) => row.stream,
  input_tokens: tokens('input_tokens'),
  cache_read_input_tokens: tokens('cache_read_input_tokens'),
  cache_creation_input_tokens: tokens('cache_creation_input_tokens'),
  output_tokens: tokens('output_tokens'),
  cost_usd: (row) => row.costUsd,
  sync_cost_usd: (row) => row.syncCostUsd,
  waste_usd: (row) => row.wasteUsd,
  ttfb_ms: (row) => row.ttfbMs,
  latency_ms: (row) => row.latencyMs,
  deadline_at_utc: (row) => row.deadlineAt,
  batch_id: (row) => row.batchId,
  upstream_request_id: (row) => row.upstreamRequestId,
  simulated: (row) => row.simulated,
};

export const REQUEST_CSV_HEAD = `${Object.keys(COLUMNS).join(',')}\r\n`;

export function requestCsvLine(row: RequestRow): string {
  const cells = Object.values(COLUMNS).map((cell) => csvCell(String(cell(row) ?? '')));
  return `${cells.join(',')}\r\n`;
}
