import { withSimulatedLog } from './simulated-log';
import type { BenchTable } from './table';

const ROUNDS = 10;
const DAYS = 90;

const RANGES = { '24 h': 'now-24h', '30 d': 'now-30d', '90 d': 'now-90d' };
const BERLIN = 'tz=Europe%2FBerlin';
/** What a page of the dashboard asks for. */
const CALLS: Record<string, string> = {
  summary: '/api/metrics/summary?',
  'cost by model': `/api/metrics/cost?groupBy=model&${BERLIN}&`,
  'cost by key': `/api/metrics/cost?groupBy=key&${BERLIN}&`,
  'cost by tag.team': `/api/metrics/cost?groupBy=tag.team&${BERLIN}&`,
  savings: `/api/metrics/savings?${BERLIN}&`,
  tokens: `/api/metrics/tokens?${BERLIN}&`,
  'requests-series': `/api/metrics/requests-series?${BERLIN}&`,
  latency: '/api/metrics/latency?',
  'latency-series': `/api/metrics/latency-series?${BERLIN}&`,
  'turnaround-series': `/api/metrics/turnaround-series?${BERLIN}&`,
  'turnaround-hours': `/api/metrics/turnaround-hours?${BERLIN}&`,
  'turnaround-sizes': '/api/metrics/turnaround-sizes?',
  'waiting-value': '/api/metrics/waiting-value?',
  calibration: '/api/metrics/calibration?',
  'requests, first page': '/api/requests?',
  'requests of a model and state': '/api/requests?model=claude-haiku-5-5&status=failed&',
  'requests, interrupted': '/api/requests?status=interrupted&',
  'requests of a model and lane': '/api/requests?model=claude-haiku-5-5&lane=batch&',
  'requests of a tag': '/api/requests?tag=tier%3Denterprise&',
  'requests of a tag that nobody has': '/api/requests?tag=team%3Dnobody&',
  'requests of a key': '/api/requests?key=synth-evals&',
  'requests of an error': '/api/requests?q=overloaded_error&',
  'requests of nothing': '/api/requests?q=nothing-of-the-kind&',
  'requests of a batch': '/api/requests?q=msgbatch_none&',
  count_tokens: '/api/requests?endpoint=count_tokens&',
  facets: '/api/requests/facets?',
  'facets of a tag': '/api/requests/facets?tag=team%3Dsearch&',
  batches: '/api/batches?',
  'batches of a model': '/api/batches?model=claude-opus-5-5&',
};

/** The dashboard's API over a log of so many simulated requests. */
export function benchDashboard(requests = 100_000): Promise<BenchTable> {
  return withSimulatedLog({ requests, days: DAYS }, async (offpeak) => {
    const headers = { authorization: `Bearer ${offpeak.adminToken}` };
    const rows: (string | number)[][] = [];
    for (const [name, path] of Object.entries(CALLS)) {
      const cells: (string | number)[] = [name];
      for (const from of Object.values(RANGES)) {
        const took: number[] = [];
        for (let round = 0; round < ROUNDS; round++) {
          const startedAt = performance.now();
          const answer = await fetch(`${offpeak.origin}${path}from=${from}`, { headers });
          await answer.arrayBuffer();
          if (!answer.ok) throw new Error(`${path}from=${from} answered ${answer.status}`);
          took.push(performance.now() - startedAt);
        }
        took.sort((a, b) => a - b);
        cells.push(rank(took, 0.5), rank(took, 0.95));
      }
      rows.push(cells);
    }
    const columns = Object.keys(RANGES).flatMap((range) => [`${range} p50 ms`, 'p95 ms']);
    return { title: `Dashboard API, ${requests} requests over ${DAYS} days`, columns: ['call', ...columns], rows };
  });
}

function rank(sorted: readonly number[], share: number): number {
  return Math.round(sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0);
}
