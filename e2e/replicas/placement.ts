/**
 * Where each table goes on an engine that spreads rows over machines. `shard`: by the hash of this column, whose values
 * are ids of requests everywhere, so that what belongs to one request lies together; the log is cut by day as well, since
 * an id begins with its time. `everywhere`: small, a copy on each machine. `one`: on one machine, written by one process
 * at a time.
 */
export type Placement = { shard: string; byDay: boolean } | 'everywhere' | 'one';

const LOG = (column: string): Placement => ({ shard: column, byDay: true });
const LANE = (column: string): Placement => ({ shard: column, byDay: false });

export const PLACEMENT: Readonly<Record<string, Placement>> = {
  requests: LOG('id'),
  attempts: LOG('request_id'),
  request_bodies: LOG('request_id'),
  items: LANE('id'),
  item_bodies: LANE('item_id'),
  item_results: LANE('item_id'),

  batches: 'everywhere',
  keys: 'everywhere',
  key_spend: 'everywhere',
  prices: 'everywhere',
  upstreams: 'everywhere',
  operators: 'everywhere',
  sessions: 'everywhere',
  login_codes: 'everywhere',
  settings: 'everywhere',
  policies: 'everywhere',
  policy_drafts: 'everywhere',
  client_batches: 'everywhere',
  lane_credentials: 'everywhere',
  lane_leases: 'everywhere',
  idempotency_keys: 'everywhere',

  audit_log: 'one',
  saved_views: 'one',
  bills: 'one',
  bill_lines: 'one',
  alerts: 'one',
  probes: 'one',
  estimate_snapshots: 'one',
  prefix_sightings: 'one',
  prefix_shares: 'one',
  rollup_marks: 'one',
  rollup_money: 'one',
  rollup_tags: 'one',
  rollup_timings: 'one',
};

export function isSharded(placement: Placement | undefined): placement is { shard: string; byDay: boolean } {
  return typeof placement === 'object';
}
