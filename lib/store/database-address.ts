import { readFileSync } from 'node:fs';
import { type ConnectionOptions, checkServerIdentity } from 'node:tls';

/**
 * What stands between us and Postgres and hands its connections around: `session`, where one stays ours until we close
 * ours; `transaction`, where it is ours for a transaction at a time, and with it everything that belongs to a session
 * (LISTEN, SET, session locks, named prepared statements) goes astray.
 */
export type Pooler = 'session' | 'transaction';

export const POOLER_CHOICES = ['none', 'session', 'transaction'] as const;

const POOLER = 'pooler';
const TLS = ['sslmode', 'sslrootcert', 'sslcert', 'sslkey'] as const;
/** libpq's own, which are no settings of the server: it would refuse the connection for them. */
const LIBPQ_ONLY = [
  'channel_binding',
  'gssencmode',
  'krbsrvname',
  'sslcompression',
  'sslcrl',
  'sslsni',
  'require_auth',
];

export interface DatabaseAddress {
  /** Without what is not for the server. */
  url: string;
  /** As the address says; `undefined`: it says nothing. */
  pooler: Pooler | null | undefined;
  ssl: false | 'prefer' | ConnectionOptions;
}

/** @throws when a certificate that it names cannot be read. */
export function readAddress(databaseUrl: string): DatabaseAddress {
  const url = new URL(databaseUrl);
  const { searchParams: given } = url;
  const pooler = POOLER_CHOICES.find((choice) => choice === given.get(POOLER));
  const ssl = tlsOf(given, url.hostname);
  for (const name of [POOLER, ...TLS, ...LIBPQ_ONLY]) given.delete(name);
  return { url: url.href, pooler: pooler === 'none' ? null : pooler, ssl };
}

export function withPooler(databaseUrl: string, pooler: Pooler | null): string {
  const url = new URL(databaseUrl);
  url.searchParams.set(POOLER, pooler ?? 'none');
  return url.href;
}

/** As libpq reads them: `require` with a root certificate checks it, and only `verify-full` looks at the host's name. */
function tlsOf(given: URLSearchParams, host: string): DatabaseAddress['ssl'] {
  const mode = given.get('sslmode') ?? (given.get('ssl') === 'true' ? 'require' : 'disable');
  if (mode === 'disable') return false;
  if (mode === 'allow' || mode === 'prefer') return 'prefer';
  const root = given.get('sslrootcert');
  const file = (name: (typeof TLS)[number]) => {
    const path = given.get(name);
    return path === null || path === 'system' ? undefined : readFileSync(path);
  };
  const [ca, cert, key] = [file('sslrootcert'), file('sslcert'), file('sslkey')];
  const isChecked = mode !== 'require' || root !== null;
  const isNamed = mode === 'verify-full' || root === 'system';
  return {
    rejectUnauthorized: isChecked,
    // Not left to the default, which takes a server without a name, that is with an address, for `localhost`.
    ...(isChecked && { checkServerIdentity: (_, cert) => (isNamed ? checkServerIdentity(host, cert) : undefined) }),
    ...(ca && { ca }),
    ...(cert && { cert }),
    ...(key && { key }),
  };
}
