import type { Lane } from './request-states';

/** What the routing decision may look at. Grows with the policy's fields; every fact is stored with the request. */
export interface Facts {
  /** ms; 0 = `interactive`, `null` = unset. */
  toleranceMs: number | null;
  /** The caller sent `x-offpeak-lane: sync`. */
  optedOut: boolean;
}

export const BECAUSE = [
  'rule',
  'auto',
  'explore',
  'no_tolerance',
  'not_measured',
  'miss',
  'saving',
  'horizon',
  'unpriced',
  'lane_down',
] as const;
export type Because = (typeof BECAUSE)[number] | `ineligible:${string}`;

export interface Decision {
  lane: Lane;
  /** Id of the matched rule, or `default`, `override`, `paused`. */
  rule: string;
  because: Because;
  policyVersion: number;
}

export interface Policy {
  version: number;
  paused: boolean;
}

/** The one place that chooses a lane: live, in explain and in backtests. Pure. */
export function decide(policy: Policy, facts: Facts): Decision {
  const to = (rule: string, because: Because): Decision => ({
    lane: 'sync',
    rule,
    because,
    policyVersion: policy.version,
  });
  if (policy.paused) return to('paused', 'rule');
  if (facts.optedOut || facts.toleranceMs === 0) return to('override', 'rule');
  return to('default', facts.toleranceMs === null ? 'no_tolerance' : 'lane_down');
}
