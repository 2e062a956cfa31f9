import type { Sql } from 'postgres';

/** The number of an upstream in the log; registers one that is new. */
export async function upstreamNumber(sql: Sql, origin: string, simulated: boolean): Promise<number> {
  await sql`insert into upstreams (origin, simulated) values (${origin}, ${simulated}) on conflict (origin) do nothing`;
  const [row] = await sql<{ id: number }[]>`select id from upstreams where origin = ${origin}`;
  if (!row) throw new Error('an upstream vanished between insert and select');
  return row.id;
}

/** The same for one whose calls are being logged. */
export async function servedUpstream(sql: Sql, origin: string, simulated: boolean): Promise<number> {
  const id = await upstreamNumber(sql, origin, simulated);
  await sql`update upstreams set served_at = now() where id = ${id} and served_at is null`;
  return id;
}

/** A database that has served a real upstream must not be mixed with simulated calls by accident. */
export async function hasServedRealUpstream(sql: Sql): Promise<boolean> {
  const [row] = await sql<{ served: boolean }[]>`
    select exists (
      select 1 from upstreams u where not u.simulated and (u.served_at is not null
        or exists (select 1 from items i where i.upstream_id = u.id))
    ) as served`;
  return row?.served ?? false;
}
