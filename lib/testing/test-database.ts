import { randomBytes } from 'node:crypto';
import postgres from 'postgres';
import { inject } from 'vitest';
import { connect, type Pools } from '@/lib/store/connect';
import { TEMPLATE } from './global-setup';

export interface TestDatabase {
  url: string;
  pools: Pools;
  drop(): Promise<void>;
}

/** A migrated, empty database of this file's own, cloned from the run's template. */
export function testDatabase(): Promise<TestDatabase> {
  return createDatabase(`template ${TEMPLATE}`);
}

/** One without a single table. */
export function emptyDatabase(): Promise<TestDatabase> {
  return createDatabase('');
}

async function createDatabase(like: string): Promise<TestDatabase> {
  const clusterUrl = inject('clusterUrl');
  const name = `test_${randomBytes(6).toString('hex')}`;
  const run = async (statement: string) => {
    const admin = postgres(clusterUrl, { max: 1, onnotice: () => undefined });
    await admin.unsafe(statement);
    await admin.end();
  };
  await run(`create database ${name} ${like}`);
  const url = new URL(clusterUrl);
  url.pathname = `/${name}`;
  const pools = connect(url.href);
  return {
    url: url.href,
    pools,
    async drop() {
      await pools.close();
      await run(`drop database ${name} with (force)`);
    },
  };
}
