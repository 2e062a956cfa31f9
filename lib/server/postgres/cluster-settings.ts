import { statfsSync } from 'node:fs';
import { totalmem } from 'node:os';

const GIB = 1024 ** 3;

/** pg_hba.conf: the loopback, with a password; the superuser has none and so cannot log in. */
export const ACCESS_RULES = 'host all all 127.0.0.1/32 scram-sha-256\n';

/** The cluster's whole configuration file; `ALTER SYSTEM` still comes on top of it. */
export function clusterSettings(): string {
  const memory = process.constrainedMemory() || totalmem();
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    // A process takes up to 22 of them; this is room for a few more processes on the same machine.
    max_connections: 150,
    // Nobody logs in as superuser: every connection is for use.
    superuser_reserved_connections: 0,
    password_encryption: 'scram-sha-256',
    shared_buffers: memory >= 4 * GIB ? '256MB' : '128MB',
    work_mem: '8MB',
    maintenance_work_mem: '64MB',
    random_page_cost: 1.1,
    jit: 'off',
    dynamic_shared_memory_type: sharedMemoryType(),
    fsync: 'on',
    synchronous_commit: 'on',
    full_page_writes: 'on',
    // Nothing replicates from here: less is written.
    wal_level: 'minimal',
    max_wal_senders: 0,
    max_logical_replication_workers: 0,
    max_wal_size: '1GB',
    min_wal_size: '80MB',
    // The queries of a client that was killed end within this time.
    client_connection_check_interval: process.platform === 'linux' ? '2s' : 0,
    timezone: 'UTC',
    log_timezone: 'UTC',
    datestyle: 'iso, ymd',
    lc_messages: 'C',
    default_text_search_config: 'pg_catalog.simple',
    log_destination: 'stderr',
    logging_collector: 'off',
    log_line_prefix: '%m [%p] ',
    // A statement's error, text and detail hold what callers sent; the client that caused it is told.
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name} = '${value}'\n`)
    .join('');
}

/** Containers give /dev/shm 64 MB: too little for parallel queries, which then fail. */
function sharedMemoryType(): string {
  try {
    const { bavail, bsize } = statfsSync('/dev/shm');
    return bavail * bsize >= GIB / 2 ? 'posix' : 'mmap';
  } catch {
    return process.platform === 'linux' ? 'mmap' : 'posix';
  }
}
