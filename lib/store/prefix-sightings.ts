import type { Sql } from 'postgres';
import type { PrefixCall, PrefixOutcome, SavedShares } from '@/lib/core/auto/prefix-memory';
import type { CacheTtl } from '@/lib/core/auto/prefix-state';
import type { Uuid } from '@/lib/core/ids';
import type { Lane } from '@/lib/core/request-states';
import { jsonForPostgres, recordset } from './insert-from-json';

/** A call that used the prompt cache, as one process tells it to the others. */
export interface PrefixSighting {
  id: Uuid;
  call: PrefixCall;
  outcome: PrefixOutcome;
}

/** Rows become visible a moment after the time that they carry, and no statement lives longer than this. */
const OVERLAP_MS = 5_000;
/** As much as a process remembers. */
const MOST_ROWS = 20_000;
/** Beyond its TTL a sighting tells nothing. */
const KEPT: Record<CacheTtl, string> = { '5m': '6 minutes', '1h': '61 minutes' };
const SHARES_KEPT = '30 days';

/** What processes tell each other of upstream's prompt cache. Ages travel, not times: clocks may differ. */
export class PrefixSightings {
  #since: Date | null = null;
  #read: ReadonlySet<Uuid> = new Set();

  /** @param writer this process: it is not told what it said itself. */
  constructor(
    private readonly sql: Sql,
    private readonly upstreamId: number,
    private readonly writer: string,
  ) {}

  /** @param now this process' clock, Unix ms. */
  async write(sightings: readonly PrefixSighting[], now: number): Promise<void> {
    const rows = sightings.map(({ id, call, outcome }) => ({
      id,
      upstream_id: this.upstreamId,
      writer: this.writer,
      scope: call.scope,
      prefixes: call.hashes,
      ttl: call.ttl,
      session: call.session,
      lane: outcome.lane,
      arrived_age: now - outcome.arrivedAt,
      answered_age: now - outcome.answeredAt,
      cache_read: outcome.read,
      cache_written: outcome.written,
    }));
    await this.sql.unsafe(INSERT, [jsonForPostgres(rows)]);
  }

  /** What other processes have seen since this was last asked, at first all that still counts; the oldest first. */
  async readNew(now: number): Promise<PrefixSighting[]> {
    const since = this.#since ? new Date(this.#since.getTime() - OVERLAP_MS) : new Date(0);
    const rows = await this.sql<SightingRow[]>`
      select id, scope, prefixes, ttl, session, lane, cache_read, cache_written, noted_at,
        extract(epoch from clock_timestamp() - arrived_at)::float8 * 1000 as arrived_age,
        extract(epoch from clock_timestamp() - answered_at)::float8 * 1000 as answered_age
      from prefix_sightings
      where noted_at > ${since} and upstream_id = ${this.upstreamId} and writer <> ${this.writer}
      order by noted_at desc limit ${MOST_ROWS}`;
    const unread = rows.filter(({ id }) => !this.#read.has(id));
    this.#read = new Set(rows.map(({ id }) => id));
    this.#since = rows[0]?.noted_at ?? this.#since;
    return unread.map((row) => toSighting(row, now)).sort((a, b) => a.outcome.answeredAt - b.outcome.answeredAt);
  }

  async purge(): Promise<void> {
    // Most live for minutes: those are looked for among the newer ones alone, and whatever is left goes with the rest.
    await this.sql`
      with over as (
        select id from prefix_sightings
        where noted_at < clock_timestamp() - ${KEPT['1h']}::interval
          or ttl = '5m' and noted_at < clock_timestamp() - ${KEPT['5m']}::interval
            and noted_at > clock_timestamp() - 3 * ${KEPT['5m']}::interval
        for update skip locked)
      delete from prefix_sightings s using over where s.id = over.id`;
    await this.sql`delete from prefix_shares where updated_at < clock_timestamp() - ${SHARES_KEPT}::interval`;
  }

  /** The last word counts: all processes hear the same calls, and so measure nearly the same. */
  async writeShares(shares: ReadonlyMap<string, SavedShares>): Promise<void> {
    // In one order: two processes that write the same scopes cannot wait for each other in a circle.
    const rows = [...shares].sort(([a], [b]) => (a < b ? -1 : 1)).map(([scope, saved]) => ({ scope, shares: saved }));
    await this.sql.unsafe(UPSERT_SHARES, [jsonForPostgres(rows), this.upstreamId]);
  }

  async readShares(): Promise<Map<string, SavedShares>> {
    const rows = await this.sql<{ scope: string; shares: SavedShares }[]>`
      select scope, shares from prefix_shares where upstream_id = ${this.upstreamId}
      order by updated_at desc limit ${MOST_ROWS}`;
    return new Map(rows.reverse().map(({ scope, shares }) => [scope, shares]));
  }
}

interface SightingRow {
  id: Uuid;
  scope: string;
  prefixes: string[];
  ttl: CacheTtl;
  session: string | null;
  lane: Lane;
  arrived_age: number;
  answered_age: number;
  cache_read: number;
  cache_written: number;
  noted_at: Date;
}

function toSighting(row: SightingRow, now: number): PrefixSighting {
  return {
    id: row.id,
    call: { scope: row.scope, hashes: row.prefixes, ttl: row.ttl, session: row.session },
    outcome: {
      lane: row.lane,
      arrivedAt: now - row.arrived_age,
      answeredAt: now - row.answered_age,
      read: row.cache_read,
      written: row.cache_written,
    },
  };
}

const GIVEN = recordset({
  id: 'uuid',
  upstream_id: 'smallint',
  writer: 'text',
  scope: 'text',
  prefixes: 'text[]',
  ttl: 'text',
  session: 'text',
  lane: 'text',
  arrived_age: 'float8',
  answered_age: 'float8',
  cache_read: 'integer',
  cache_written: 'integer',
});
const INSERT = `insert into prefix_sightings
    (id, upstream_id, writer, scope, prefixes, ttl, session, lane, arrived_at, answered_at, cache_read, cache_written)
  select id, upstream_id, writer, scope, prefixes, ttl, session, lane, clock_timestamp() - arrived_age * interval '1 millisecond',
    clock_timestamp() - answered_age * interval '1 millisecond', cache_read, cache_written
  from ${GIVEN} on conflict do nothing`;
const UPSERT_SHARES = `insert into prefix_shares (upstream_id, scope, shares)
  select $2::smallint, scope, shares from ${recordset({ scope: 'text', shares: 'jsonb' })}
  on conflict (upstream_id, scope) do update set shares = excluded.shares, updated_at = clock_timestamp()`;
