/**
 * The life of one request:
 *
 *   (refused by Offpeak) ─────────────────────────────► refused
 *   opened ─► waiting (batch lane) ─► running ─► succeeded | failed | aborted
 *        └──► running (sync lane) ──┘        └► interrupted (the process died under it)
 *
 * A log row is written once, at its terminal state. `waiting` and `running` are read from what is open.
 */
export const REQUEST_STATES = [
  'waiting',
  'running',
  'succeeded',
  'failed',
  'aborted',
  'refused',
  'interrupted',
] as const;
export type RequestState = (typeof REQUEST_STATES)[number];

export const TERMINAL_STATES = ['succeeded', 'failed', 'aborted', 'refused', 'interrupted'] as const;
export type TerminalState = (typeof TERMINAL_STATES)[number];

/** What the list of requests can be ordered by, the highest first. */
export const REQUEST_ORDERS = ['newest', 'cost', 'latency'] as const;
export type RequestOrder = (typeof REQUEST_ORDERS)[number];

export const LANES = ['sync', 'batch'] as const;
export type Lane = (typeof LANES)[number];

/** What a call asked of the API. Metrics and the explorer speak of `messages` unless told otherwise. */
export const ENDPOINTS = ['messages', 'count_tokens', 'models', 'batches', 'other'] as const;
export type Endpoint = (typeof ENDPOINTS)[number];

export const CLIENTS = ['claude-code', 'sdk-ts', 'sdk-python', 'other'] as const;
export type Client = (typeof CLIENTS)[number];

export const AGENTS = ['main', 'subagent', 'none'] as const;
export type Agent = (typeof AGENTS)[number];

export const ROLES = ['viewer', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];
