import type { Client } from '@/lib/core/request-states';
import { type HeaderPairs, header } from '@/lib/wire/headers';
import { retryCount } from '@/lib/wire/retry-count';
import { HOLD } from './hold-pace';

/** Node's fetch gives up after 300 s without headers, or between two bytes. */
const NODE_MS = 285_000;
/** Load balancers and proxies cut what is silent for a minute. */
const UNKNOWN_MS = 55_000;
/** Claude Code's watchdog counts pings for about five minutes only. */
const CLAUDE_CODE_MS = 270_000;
/** Of a timeout that a client announces so much is for the way: a share, and of a short one more. */
const WAY_SHARE = 0.05;
const WAY_MS = 500;

/** How long this client bears silence, in ms. */
export function patienceOf(headers: HeaderPairs, client: Client, keyPatienceMs: number | null): number {
  if (keyPatienceMs !== null) return keyPatienceMs;
  const seconds = Number(header(headers, 'x-stainless-timeout') ?? Number.NaN);
  const own = Number.isFinite(seconds) && seconds > 0 ? announced(seconds * 1_000, client) : unsaid(client);
  const isForwarded = header(headers, 'via') !== null || header(headers, 'x-forwarded-for') !== null;
  return isForwarded ? Math.min(own, UNKNOWN_MS) : own;
}

// Python's timeout counts between bytes and has no such cap below it.
function announced(timeoutMs: number, client: Client): number {
  const ms = timeoutMs - Math.max(timeoutMs * WAY_SHARE, Math.min(WAY_MS, timeoutMs / 2));
  return client === 'sdk-python' ? ms : Math.min(ms, NODE_MS);
}

function unsaid(client: Client): number {
  return client === 'claude-code' ? CLAUDE_CODE_MS : UNKNOWN_MS;
}

/** Whether `102 Processing` keeps this client waiting; shown by a test with the real one. */
export function bearsProcessing(headers: HeaderPairs, client: Client): boolean {
  return client === 'sdk-ts' && header(headers, 'x-stainless-runtime') === 'node';
}

/**
 * ms from now for which this client listens at all; `null`: as long as it gets signs of life. Claude Code counts pings
 * for some minutes only; told how often it comes back, it can be handed over instead, each time when its patience ends.
 * @param retries how often it will still come back
 */
export function listensForMs(client: Client, stream: boolean, retries: number, patienceMs: number): number | null {
  if (client !== 'claude-code' || !stream) return null;
  return retries * Math.min(patienceMs, HOLD.claudeCodeMs) + HOLD.claudeCodeMs;
}

/** How often a client that announced `retries` will still come back: a try is gone, whatever it failed of. */
export function retriesLeft(headers: HeaderPairs, retries: number, handOvers = 0): number {
  return Math.max(0, retries - Math.max(handOvers, retryCount(headers)));
}
