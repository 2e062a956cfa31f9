import type { Server } from 'node:http';
import type { Deps } from '@/lib/deps';
import type { Config } from '@/lib/env';
import { listen } from './listen';
import { createListener } from './listener';
import type { Pages } from './prepare-pages';

export interface OpenPorts {
  servers: Server[];
  /** Where clients reach the proxy, and operators the pages. */
  origin: string;
  adminOrigin: string;
  port: number;
  adminPort: number;
  close(): void;
}

/** Binds the main port and, where pages have their own, the admin port. Until `deps` answers, callers hear 529. */
export async function openPorts(
  config: Config,
  pages: Pages,
  deps: () => Deps | null,
  isDev: boolean,
): Promise<OpenPorts> {
  const open = async (serves: 'all' | 'proxy' | 'admin', host: string, wanted: number) => {
    const server = createListener({ deps, next: pages.handle, isDev, serves });
    if (isDev && serves !== 'proxy') server.on('upgrade', pages.upgrade);
    return { server, port: await listen(server, host, wanted) };
  };
  const main = await open(config.adminPort === null ? 'all' : 'proxy', config.host, config.port);
  const admin = config.adminPort === null ? null : await open('admin', '127.0.0.1', config.adminPort);
  const servers = [main.server, ...(admin ? [admin.server] : [])];
  const origin = config.publicUrl ?? `http://${urlHost(config.host)}:${main.port}`;
  return {
    servers,
    origin,
    adminOrigin: admin ? `http://127.0.0.1:${admin.port}` : origin,
    port: main.port,
    adminPort: admin?.port ?? main.port,
    close() {
      for (const server of servers) server.closeAllConnections();
    },
  };
}

function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}
