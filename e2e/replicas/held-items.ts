import type { Replica, ReplicaSet } from './replica-set';

/** Items without an outcome whose caller this process holds. */
export async function itemsHeldBy(set: ReplicaSet, { process }: Replica): Promise<string[]> {
  const rows = await set.database.pools.hot<{ id: string }[]>`
    select id from items where caller like ${`${process.pid}-%`} and state <> 'done'`;
  return rows.map(({ id }) => id);
}

/** Pids of the running replicas that hold, or have answered, the callers of these items. */
export async function liveCallersOf(set: ReplicaSet, items: readonly string[]): Promise<number[]> {
  const rows = await set.database.pools.hot<{ pid: number }[]>`
    select split_part(caller, '-', 1)::int as pid from items where id = any(${[...items]}::uuid[]) and caller is not null`;
  const running = new Set(
    set.replicas.filter(({ process }) => process.exit === null).map(({ process }) => process.pid),
  );
  return rows.map(({ pid }) => pid).filter((pid) => running.has(pid));
}
