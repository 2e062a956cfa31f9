import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import postgres from 'postgres';
import type { TestProject } from 'vitest/node';
import { startEmbeddedPostgres } from '@/lib/server/postgres/start-embedded-postgres';
import { migrate } from '@/lib/store/migrate';

export const TEMPLATE = 'offpeak_template';

declare module 'vitest' {
  interface ProvidedContext {
    /** URL of the cluster's maintenance database. */
    clusterUrl: string;
    /** How much of what is drawn at random a run tries. */
    scale: {
      /** Histories of the lane's simulation. */
      simulations: number;
      /** Deaths at each of the lane's crash points. */
      deaths: number;
    };
  }
}

/** One embedded cluster for the whole run, with a migrated template that each file clones. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'offpeak-test-'));
  const cluster = await startEmbeddedPostgres({ dataDir });
  const admin = postgres(cluster.url, { max: 1, onnotice: () => undefined });
  await admin.unsafe(`create database ${TEMPLATE}`);
  await admin.end();
  const template = new URL(cluster.url);
  template.pathname = `/${TEMPLATE}`;
  await migrate(template.href, fileURLToPath(new URL('../../drizzle', import.meta.url)));
  project.provide('clusterUrl', cluster.url);
  return async () => {
    await cluster.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
}
