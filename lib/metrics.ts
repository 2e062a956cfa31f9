import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** Prometheus metrics. Every label comes from a closed set: no model, key or path that a client could invent. */
export interface Metrics {
  registry: Registry;
  requests: Counter<'endpoint' | 'lane' | 'state'>;
  latency: Histogram<'endpoint' | 'lane'>;
  overhead: Histogram;
  inFlight: Gauge;
  spoolBytes: Gauge;
  spoolDropped: Counter<'reason'>;
  ingestFailures: Counter;
  unpriced: Counter;
  apiCalls: Counter<'status'>;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  return {
    registry,
    requests: new Counter({
      name: 'offpeak_requests_total',
      help: 'Finished proxy calls.',
      labelNames: ['endpoint', 'lane', 'state'],
      registers,
    }),
    latency: new Histogram({
      name: 'offpeak_request_duration_seconds',
      help: 'Whole request read to last byte handed to the socket.',
      labelNames: ['endpoint', 'lane'],
      buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900, 3600, 14400, 86400],
      registers,
    }),
    overhead: new Histogram({
      name: 'offpeak_overhead_seconds',
      help: 'Whole request read to the upstream call begun.',
      buckets: [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25],
      registers,
    }),
    inFlight: new Gauge({ name: 'offpeak_requests_in_flight', help: 'Proxy calls under way.', registers }),
    spoolBytes: new Gauge({
      name: 'offpeak_spool_bytes',
      help: 'Request log on disk, not yet in Postgres.',
      registers,
    }),
    spoolDropped: new Counter({
      name: 'offpeak_spool_dropped_total',
      help: 'Request log records lost: spool full or unwritable.',
      labelNames: ['reason'],
      registers,
    }),
    ingestFailures: new Counter({
      name: 'offpeak_ingest_failures_total',
      help: 'Failed attempts to write the request log to Postgres.',
      registers,
    }),
    unpriced: new Counter({
      name: 'offpeak_unpriced_requests_total',
      help: 'Requests with usage of a model without a price.',
      registers,
    }),
    apiCalls: new Counter({
      name: 'offpeak_admin_calls_total',
      help: 'Calls of the admin API, by status class.',
      labelNames: ['status'],
      registers,
    }),
  };
}
