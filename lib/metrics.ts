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
  lane: LaneMetrics;
}

/** What the batch lane counts. */
export interface LaneMetrics {
  creates: Counter<'outcome'>;
  batchItems: Histogram;
  polls: Counter<'outcome'>;
  turnaround: Histogram;
  lag: Histogram;
  oddLines: Counter<'kind'>;
  incomplete: Counter;
  late: Counter;
  escalations: Counter;
  syncNeed: Histogram;
  dropped: Counter;
  held: Gauge;
  /** Of all processes together; see `readBacklog`. */
  backlog: {
    items: Gauge<'state'>;
    oldest: Gauge<'state'>;
    overdue: Gauge;
  };
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
    lane: laneMetrics(registry),
  };
}

function laneMetrics(registry: Registry): LaneMetrics {
  const registers = [registry];
  return {
    creates: new Counter({
      name: 'offpeak_batch_creates_total',
      help: 'Message Batches that the lane tried to create.',
      labelNames: ['outcome'],
      registers,
    }),
    batchItems: new Histogram({
      name: 'offpeak_batch_items',
      help: 'Calls per batch.',
      buckets: [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 10_000, 100_000],
      registers,
    }),
    polls: new Counter({
      name: 'offpeak_batch_polls_total',
      help: 'Lists of batches asked for.',
      labelNames: ['outcome'],
      registers,
    }),
    turnaround: new Histogram({
      name: 'offpeak_batch_turnaround_seconds',
      help: "Upstream's own two times of a batch: created to ended.",
      buckets: [15, 30, 60, 90, 120, 180, 300, 600, 1_200, 3_600, 14_400, 86_400],
      registers,
    }),
    lag: new Histogram({
      name: 'offpeak_batch_delivery_lag_seconds',
      help: "Upstream's end of a batch to a caller's last byte.",
      buckets: [0.1, 0.25, 0.5, 1, 1.5, 2.5, 5, 10, 30, 60],
      registers,
    }),
    oddLines: new Counter({
      name: 'offpeak_batch_odd_result_lines_total',
      help: 'Result lines that are not one new result of ours.',
      labelNames: ['kind'],
      registers,
    }),
    incomplete: new Counter({
      name: 'offpeak_batch_incomplete_total',
      help: 'Batches closed with fewer results than upstream counted.',
      registers,
    }),
    late: new Counter({
      name: 'offpeak_batch_late_results_total',
      help: 'Results paid for whose call had been answered already.',
      registers,
    }),
    escalations: new Counter({
      name: 'offpeak_escalations_total',
      help: 'Calls of the batch lane that were answered by sync.',
      registers,
    }),
    syncNeed: new Histogram({
      name: 'offpeak_escalation_seconds',
      help: 'What a synchronous answer of the batch lane took.',
      buckets: [0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
      registers,
    }),
    dropped: new Counter({
      name: 'offpeak_items_dropped_total',
      help: 'Calls that nobody waited for any more.',
      registers,
    }),
    held: new Gauge({ name: 'offpeak_held_callers', help: 'Callers that wait for the batch lane.', registers }),
    backlog: {
      items: new Gauge({
        name: 'offpeak_lane_items',
        help: 'Calls of the batch lane without an outcome, on all processes together.',
        labelNames: ['state'],
        registers,
      }),
      oldest: new Gauge({
        name: 'offpeak_lane_oldest_seconds',
        help: 'Age of the oldest of them, on all processes together.',
        labelNames: ['state'],
        registers,
      }),
      overdue: new Gauge({
        name: 'offpeak_lane_overdue_seconds',
        help: 'Since the window of the oldest queued call closed, on all processes together: above a few seconds, the lane lags.',
        registers,
      }),
    },
  };
}
