import ipaddr from 'ipaddr.js';
import { type RateLimiterAbstract, RateLimiterMemory } from 'rate-limiter-flexible';
import { ApiError } from '@/lib/core/errors';
import type { Deps } from '@/lib/deps';
import { REMOTE_ADDRESS_HEADER } from '@/lib/gateway/web-exchange';
import { depsSlot } from './deps-slot';

const WINDOW_SECONDS = 300;
/** Wrong tries within a window, of one address and of all. */
const MOST_PER_ADDRESS = 10;
const MOST_IN_ALL = 200;

interface Limits {
  address: RateLimiterAbstract;
  all: RateLimiterAbstract;
}

/**
 * Books one try to log in, before it is looked at: so many in parallel cannot slip through together. It lasts five
 * minutes at most and concerns logging in alone, so whoever holds a token can go on using it as a bearer.
 * @returns what takes the booking back after a success.
 * @throws ApiError 429 with `retry-after`.
 */
export async function bookLogin(deps: Deps, request: Request): Promise<() => Promise<void>> {
  const limits = depsSlot<Limits>(deps, 'login-limits', () => ({
    address: new RateLimiterMemory({ points: MOST_PER_ADDRESS, duration: WINDOW_SECONDS }),
    all: new RateLimiterMemory({ points: MOST_IN_ALL, duration: WINDOW_SECONDS }),
  }));
  const address = network(request.headers.get(REMOTE_ADDRESS_HEADER) ?? '');
  // First its own limit: one address alone cannot use up the limit of all.
  await book(limits.address, address);
  await book(limits.all, 'all');
  return async () => {
    await limits.address.reward(address);
    await limits.all.reward('all');
  };
}

async function book(limiter: RateLimiterAbstract, key: string): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (refusal) {
    const { msBeforeNext = WINDOW_SECONDS * 1_000 } = refusal as { msBeforeNext?: number };
    const seconds = Math.max(1, Math.ceil(msBeforeNext / 1_000));
    throw new ApiError('rate_limit_error', `Too many tries to log in; try again in ${seconds} s`, {
      headers: { 'retry-after': String(seconds) },
    });
  }
}

/** A household or a host: whoever has one IPv6 address has 2^64. */
function network(address: string): string {
  if (!ipaddr.isValid(address)) return 'unknown';
  const parsed = ipaddr.process(address);
  return parsed instanceof ipaddr.IPv6
    ? ipaddr.IPv6.networkAddressFromCIDR(`${parsed}/64`).toString()
    : parsed.toString();
}
