import type { Sql } from 'postgres';
import type { FilteredVolumeAnswer } from '@/lib/contract/request-facets';
import { type Uuid, uuidTime } from '@/lib/core/ids';
import { TERMINAL_STATES, type TerminalState } from '@/lib/core/request-states';
import type { Bucket } from '@/lib/core/time-range';
import { bucketStarts } from './metrics-buckets';
import { EXAMINED, examined, isInRollups, NEWEST } from './request-facets';
import { conditions, type Fragment, inRange, named, type RequestFilter, type UpstreamScope } from './request-filter';
import { cutIds, moneyRows } from './rollups/read-money';
import { readPlan } from './rollups/read-plan';

const ERRORS: readonly TerminalState[] = ['failed', 'refused', 'interrupted'];

interface VolumeAsked {
  upstream: UpstreamScope;
  filter: RequestFilter;
  bucket: Bucket;
  timeZone: string;
}

/**
 * Finished requests of a filter per bucket: from rollups where these know all that the filter speaks of, otherwise the
 * newest matches. Every bucket of the range is there.
 */
export async function readFilteredVolume(sql: Sql, asked: VolumeAsked): Promise<FilteredVolumeAnswer> {
  const starts = bucketStarts(asked.filter.range, asked.bucket, asked.timeZone);
  const isRolled = isInRollups(asked.filter);
  const { rows, since } = isRolled ? await rolled(sql, asked, starts) : await newest(sql, asked, starts);
  const byBucket = new Map(rows.map(({ bucket, requests, errors }) => [bucket, { requests, errors }]));
  return {
    basis: isRolled ? 'all' : 'newest',
    requests: rows.reduce((sum, row) => sum + row.requests, 0),
    since,
    bucket: asked.bucket,
    buckets: starts.map((at, i) => ({
      at: new Date(at).toISOString(),
      ...(byBucket.get(i + 1) ?? { requests: 0, errors: 0 }),
    })),
  };
}

interface Counted {
  rows: { bucket: number; requests: number; errors: number }[];
  since: string | null;
}

async function rolled(sql: Sql, { upstream, filter }: VolumeAsked, starts: readonly number[]): Promise<Counted> {
  const scope = { upstream, range: filter.range };
  const sums = ['requests', 'failed', 'aborted', 'refused', 'interrupted'] as const;
  const source = moneyRows(sql, scope, await readPlan(sql, scope, starts), {
    by: ['bucket', 'model', 'lane', 'rule', 'key_id'],
    sums,
    starts,
  });
  const states = TERMINAL_STATES.filter((state) => filter.states.length === 0 || filter.states.includes(state));
  const errors = states.filter((state) => ERRORS.includes(state));
  const rows = await sql<Counted['rows']>`
    select bucket, sum(${countOf(sql, states)})::float8 as requests, sum(${countOf(sql, errors)})::float8 as errors
    from (${source}) r where ${dimensions(sql, filter)} group by 1`;
  return { rows, since: null };
}

/** How many of a rollup's requests ended so. */
function countOf(sql: Sql, states: readonly TerminalState[]): Fragment {
  const succeeded = 'requests - failed - aborted - refused - interrupted';
  const terms = states.map((state) => (state === 'succeeded' ? succeeded : state));
  return sql.unsafe(terms.length > 0 ? terms.join(' + ') : '0') as unknown as Fragment;
}

function dimensions(sql: Sql, { models, lanes, rules, keys }: RequestFilter): Fragment {
  const parts = [sql`true`];
  if (models.length > 0) parts.push(named(sql, sql`r.model`, models));
  if (lanes.length > 0) parts.push(sql`r.lane = any(${[...lanes]}::text[])`);
  if (rules.length > 0) parts.push(named(sql, sql`r.rule`, rules));
  if (keys.length > 0) parts.push(sql`r.key_id in (select id from keys where ${named(sql, sql`name`, keys)})`);
  return parts.reduce((all, part) => sql`${all} and ${part}`);
}

async function newest(sql: Sql, { upstream, filter }: VolumeAsked, starts: readonly number[]): Promise<Counted> {
  const isCut = filter.search === null || filter.search.kind === 'text';
  const [rows, [last]] = await Promise.all([
    sql<(Counted['rows'][number] & { oldest: string })[]>`
      with newest as materialized (
        select r.id, r.state from (${examined(sql, filter)}) r
        where ${conditions(sql, upstream, filter)} order by r.id desc limit ${NEWEST}
      )
      select ${cutIds(sql, starts)} as bucket, count(*)::int as requests,
        count(*) filter (where r.state = any(${[...ERRORS]}::text[]))::int as errors, min(r.id::text) as oldest
      from newest r group by 1`,
    // Of the primary key alone: where the search ended for its own limit, not for want of rows.
    isCut
      ? sql<{ id: Uuid }[]>`
          select r.id from requests r where ${inRange(sql, filter.range)}
          order by r.id desc offset ${EXAMINED - 1} limit 1`
      : [],
  ]);
  const counted = rows.reduce((sum, { requests }) => sum + requests, 0);
  const [oldest] = rows.map((row) => row.oldest).sort();
  const end = counted >= NEWEST ? oldest : last?.id;
  return { rows, since: end === undefined ? null : new Date(uuidTime(end as Uuid)).toISOString() };
}
