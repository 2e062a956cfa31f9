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

/** `http://localhost:3000` and `http://127.0.0.1:3000` are one place: whoever serves pages there is this process. */
export function isOwnOrigin(origin: string, publicOrigin: string, port: number): boolean {
  if (origin === publicOrigin) return true;
  if (!URL.canParse(origin)) return false;
  const url = new URL(origin);
  return (
    url.protocol === 'http:' &&
    url.port === String(port) &&
    url.origin === origin &&
    isAdminHost(url.host, publicOrigin)
  );
}
