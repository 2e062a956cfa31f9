import type { IncomingMessage } from 'node:http';
import ipaddr from 'ipaddr.js';

type Range = [ipaddr.IPv4 | ipaddr.IPv6, number];

/** Tells the caller's address; `x-forwarded-for` counts only as far as it was written by trusted proxies. */
export function remoteAddressReader(trustedCidrs: readonly string[]): (request: IncomingMessage) => string {
  const trusted = trustedCidrs.map((cidr) => ipaddr.parseCIDR(cidr));
  return (request) => {
    let address = normalise(request.socket.remoteAddress ?? '');
    if (trusted.length === 0) return address;
    const forwarded = String(request.headers['x-forwarded-for'] ?? '').split(',');
    // From the right: each entry was added by the hop before it, and the first one not trusted is the caller.
    for (let i = forwarded.length - 1; i >= 0 && isIn(address, trusted); i--) {
      const next = forwarded[i]?.trim() ?? '';
      if (!ipaddr.isValid(next)) break;
      address = normalise(next);
    }
    return address;
  };
}

export function isTrustedProxy(address: string, trustedCidrs: readonly string[]): boolean {
  return isIn(
    address,
    trustedCidrs.map((cidr) => ipaddr.parseCIDR(cidr)),
  );
}

export function isLoopback(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).range() === 'loopback';
}

function isIn(address: string, ranges: readonly Range[]): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  return ranges.some(([base, bits]) => parsed.kind() === base.kind() && parsed.match(base, bits));
}

function normalise(address: string): string {
  return ipaddr.isValid(address) ? ipaddr.process(address).toString() : address;
}
