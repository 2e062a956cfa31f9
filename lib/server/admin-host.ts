import { isLoopback } from './remote-address';

/** Pages and the admin API answer only to these names: a page on another name that resolves here (DNS rebinding) gets nothing. */
export function isAdminHost(hostHeader: string | undefined, publicOrigin: string): boolean {
  if (!hostHeader) return false;
  if (hostHeader.toLowerCase() === new URL(publicOrigin).host) return true;
  const name = hostHeader
    .replace(/:\d+$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase();
  return name === 'localhost' || name.endsWith('.localhost') || isLoopback(name);
}
