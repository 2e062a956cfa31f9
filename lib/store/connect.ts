import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import postgres, { type Options, type Sql } from 'postgres';
import { readAddress } from './database-address';
import { guardedBy } from './guarded-socket';

import * as schema from './schema';

export type Database = PostgresJsDatabase<typeof schema>;

/**
 * Separate pools, so that one kind of work cannot starve another:
 * `hot` (key look-ups, ingest, LISTEN), `lane` (the batch lane), `admin` (drizzle; small nouns), `analytics` (dashboard
 * reads) and `rollups` (what those are made of).
 * drizzle changes how its client reads timestamps, so raw SQL never goes through it.
 */
export interface Pools {
  hot: Sql;
  lane: Sql;
  analytics: Sql;
  rollups: Sql;
  admin: Database;
  /** Where they lead, password and all: for a thread that makes its own. */
  url: string;
  /** LISTEN works: no pooler hands the connection that said it to somebody else. */
  canListen: boolean;
  /** Ends every connection; queries under way get `timeoutMs` to finish. */
  close(timeoutMs?: number): Promise<void>;
}

interface PoolOptions {
  name: string;
  max: number;
  statementTimeoutMs: number;
  /** Queries that one connection is given at once. */
  pipeline: number;
  lockTimeoutMs?: number;
}

const HOT: PoolOptions = { name: 'hot', max: 4, statementTimeoutMs: 4_000, pipeline: 100 };
const ADMIN: PoolOptions = { name: 'admin', max: 3, statementTimeoutMs: 5_000, pipeline: 100 };
const LANE: PoolOptions = { name: 'lane', max: 6, statementTimeoutMs: 10_000, pipeline: 100 };
// One at a time: behind a slow chart, pipelined ones would wait while other connections are idle. (Where there are
// transactions postgres.js needs to pipeline: it reserves the connection while the query is being sent.)
const ANALYTICS: PoolOptions = { name: 'analytics', max: 6, statementTimeoutMs: 5_000, pipeline: 1 };

const ROLLUPS: PoolOptions = { name: 'rollups', max: 1, statementTimeoutMs: 30_000, pipeline: 100 };

/** Opens no connection yet: each pool connects when it is first used. */
export function connect(databaseUrl: string): Pools {
  const hot = openPool(databaseUrl, HOT);
  const lane = openPool(databaseUrl, LANE);
  const analytics = openPool(databaseUrl, ANALYTICS);
  const rollups = openPool(databaseUrl, ROLLUPS);
  const adminClient = openPool(databaseUrl, ADMIN);
  const clients = [hot, lane, analytics, rollups, adminClient];
  return {
    hot,
    lane,
    analytics,
    rollups,
    admin: drizzle(adminClient, { schema }),
    url: databaseUrl,
    canListen: readAddress(databaseUrl).pooler !== 'transaction',
    async close(timeoutMs = 2_000) {
      await Promise.all(clients.map((client) => client.end({ timeout: timeoutMs / 1000 })));
    },
  };
}

/**
 * One raw client. A statement is ended by the server at its timeout, by us a second later if the server is frozen or
 * behind a pooler, which takes no such setting. Behind one that hands connections around nothing is prepared by name.
 */
export function openPool(databaseUrl: string, given: PoolOptions): Sql {
  const { name, max, statementTimeoutMs, pipeline, lockTimeoutMs } = given;
  const { url, ssl, pooler = null } = readAddress(databaseUrl);
  const timeouts = { statement_timeout: statementTimeoutMs, ...(lockTimeoutMs && { lock_timeout: lockTimeoutMs }) };
  const options: Options<Record<string, never>> & Undeclared = {
    max,
    ssl,
    max_pipeline: pipeline,
    connect_timeout: 5,
    idle_timeout: 60,
    onnotice: () => undefined,
    prepare: pooler !== 'transaction',
    connection: { application_name: `offpeak-${name}`, TimeZone: 'UTC', ...(pooler === null && timeouts) },
    backoff: (attempt) => Math.min(0.05 * 2 ** attempt, 2),
    ...guardedBy(statementTimeoutMs + 1_000),
  };
  return postgres(url, options);
}

/** An option that postgres.js has and its types lack. */
interface Undeclared {
  max_pipeline: number;
}
