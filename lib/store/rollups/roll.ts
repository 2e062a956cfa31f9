import type { TransactionSql } from 'postgres';
import { Histogram } from '@/lib/core/histogram';
import { uuidFloor } from '@/lib/core/ids';
import type { Fragment } from '@/lib/store/request-filter';
import { GRAIN_MS, type Grain } from './grains';
import type { Piece } from './plan-read';
import { billedTokens, SUMS, TOKEN_SUMS } from './sums';
import { binOfColumn, TIMINGS, timed } from './timings';

/** Buckets of one upstream to be made anew, all of them in one transaction. */
export interface Roll extends Piece {
  upstreamId: number;
  grain: Grain;
}

/** A tag's values beyond the costliest of a bucket are added up: callers choose them, and may choose any number. */
const MOST_VALUES = 200;
export const OTHER_VALUES = '(other)';
/** Upstream's creation of a batch lies within this of ours; the index is on ours. */
const CLAIMED_WITHIN = '2 hours';

/** Replaces the buckets by what the raw rows say now. */
export async function rollRaw(tx: TransactionSql, roll: Roll, tagNames: readonly string[]): Promise<void> {
  const { upstreamId, grain, from, to } = roll;
  const ids = (column: Fragment) => tx`${column} >= ${uuidFloor(from)}::uuid and ${column} < ${uuidFloor(to)}::uuid`;
  const here = tx`r.upstream_id = ${upstreamId} and r.endpoint = 'messages' and ${ids(tx`r.id`)}`;
  const seconds = tx.unsafe(String(GRAIN_MS[grain] / 1_000));
  const at = (id: Fragment) => tx`to_timestamp(
    (('x' || translate(left(${id}::text, 13), '-', ''))::bit(48)::bigint / (${seconds} * 1000)) * ${seconds})`;
  await clear(tx, roll, tagNames);
  await tx`
    insert into rollup_money (upstream_id, grain, at, model, lane, key_id, rule, ${names(tx, ALL_SUMS)})
    select r.upstream_id, ${grain}::smallint, ${at(tx`r.id`)}, r.model, r.lane, r.key_id, r.rule, ${values(tx, ALL_SUMS)}
    from requests r left join ${billedTokens(tx, ids(tx`a.request_id`))} t on t.request_id = r.id
    where ${here} group by 1, 2, 3, 4, 5, 6, 7`;
  if (tagNames.length > 0) {
    await tx`
      insert into rollup_tags (upstream_id, grain, at, name, value, ${names(tx, SUMS)})
      select ${upstreamId}::smallint, ${grain}::smallint, at, name, case when rank <= ${MOST_VALUES} then value else ${OTHER_VALUES} end,
        ${totals(tx, SUMS)}
      from (
        select *, row_number() over (partition by at, name order by cost_pico desc, value) as rank from (
          select at, g.key as name, g.value, ${totalsAs(tx, SUMS)}
          from (
            -- Most calls share their tags with others: each set of them is taken apart once.
            select ${at(tx`r.id`)} as at, r.tags, ${values(tx, SUMS)} from requests r where ${here} group by 1, 2
          ) alike cross join lateral jsonb_each_text(alike.tags) g
          where g.key = any(${[...tagNames]}::text[]) group by 1, 2, 3) valued) ranked
      group by 3, 4, 5`;
  }
  const created = tx`r.upstream_id = ${upstreamId} and r.upstream_created_at >= ${new Date(from)}
    and r.upstream_created_at < ${new Date(to)} and r.created_at >= ${new Date(from)}::timestamptz - ${CLAIMED_WITHIN}::interval
    and r.created_at < ${new Date(to)}::timestamptz + ${CLAIMED_WITHIN}::interval`;
  const source = { requests: here, attempts: ids(tx`a.request_id`), batches: created };
  const all = TIMINGS.map((timing) => timed(tx, timing, source)).reduce((some, one) => tx`${some} union all ${one}`);
  const rows = await tx<(Series & { bins: [bin: number, count: number][] })[]>`
    select at, measure, model, lane, size_class, json_agg(json_build_array(bin, n)) as bins
    from (
      select coalesce(${at(tx`id`)}, to_timestamp(floor(extract(epoch from created) / ${seconds}) * ${seconds})) as at,
        measure, model, lane, size_class, ${binOfColumn(tx, tx`ms`)} as bin, count(*) as n
      from (${all}) timed group by 1, 2, 3, 4, 5, 6) binned
    group by 1, 2, 3, 4, 5`;
  await insertTimings(
    tx,
    roll,
    rows.map(({ bins, ...series }) => {
      const histogram = new Histogram();
      for (const [bin, count] of bins) histogram.add(bin, count);
      return { ...series, histogram };
    }),
  );
}

/** Replaces the buckets by the sums of finer ones. */
export async function fold(tx: TransactionSql, roll: Roll, finer: Grain, tagNames: readonly string[]): Promise<void> {
  const { upstreamId, grain, from, to } = roll;
  const seconds = tx.unsafe(String(GRAIN_MS[grain] / 1_000));
  const at = tx`to_timestamp(floor(extract(epoch from at) / ${seconds}) * ${seconds})`;
  const here = tx`upstream_id = ${upstreamId} and grain = ${finer} and at >= ${new Date(from)} and at < ${new Date(to)}`;
  await clear(tx, roll, tagNames);
  await tx`
    insert into rollup_money (upstream_id, grain, at, model, lane, key_id, rule, ${names(tx, ALL_SUMS)})
    select upstream_id, ${grain}::smallint, ${at}, model, lane, key_id, rule, ${totals(tx, ALL_SUMS)}
    from rollup_money where ${here} group by 1, 2, 3, 4, 5, 6, 7`;
  await tx`
    insert into rollup_tags (upstream_id, grain, at, name, value, ${names(tx, SUMS)})
    select upstream_id, ${grain}::smallint, ${at}, name, value, ${totals(tx, SUMS)}
    from rollup_tags where ${here} and name = any(${[...tagNames]}::text[]) group by 1, 2, 3, 4, 5`;
  const rows = await tx<(Series & { bins: Uint8Array })[]>`
    select ${at} as at, measure, model, lane, size_class, string_agg(bins, ''::bytea) as bins
    from rollup_timings where ${here} and measure = any(${[...TIMINGS]}::text[]) group by 1, 2, 3, 4, 5`;
  await insertTimings(
    tx,
    roll,
    rows.map(({ bins, ...series }) => {
      const histogram = new Histogram();
      histogram.addEncoded(bins);
      return { ...series, histogram };
    }),
  );
}

async function clear(tx: TransactionSql, { upstreamId, grain, from, to }: Roll, tagNames: readonly string[]) {
  const here = tx`upstream_id = ${upstreamId} and grain = ${grain} and at >= ${new Date(from)} and at < ${new Date(to)}`;
  await tx`delete from rollup_money where ${here}`;
  await tx`delete from rollup_tags where ${here} and name = any(${[...tagNames]}::text[])`;
  await tx`delete from rollup_timings where ${here} and measure = any(${[...TIMINGS]}::text[])`;
}

interface Series {
  at: Date;
  measure: string;
  model: string | null;
  lane: string;
  size_class: string;
}

async function insertTimings(
  tx: TransactionSql,
  { upstreamId, grain }: Roll,
  series: readonly (Series & { histogram: Histogram })[],
): Promise<void> {
  if (series.length === 0) return;
  const rows = series.map(({ histogram, ...one }) => ({
    ...one,
    bins: Buffer.from(histogram.encode()).toString('hex'),
  }));
  await tx`
    insert into rollup_timings (upstream_id, grain, at, measure, model, lane, size_class, bins)
    select ${upstreamId}::smallint, ${grain}::smallint, at, measure, model, lane, size_class, decode(bins, 'hex')
    from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb)
      as r(at timestamptz, measure text, model text, lane text, size_class text, bins text)`;
}

const ALL_SUMS = { ...SUMS, ...TOKEN_SUMS };

function names(tx: TransactionSql, sums: Record<string, string>): Fragment {
  return tx.unsafe(Object.keys(sums).join(', '));
}

function values(tx: TransactionSql, sums: Record<string, string>): Fragment {
  return tx.unsafe(
    Object.entries(sums)
      .map(([name, sum]) => `${sum} as ${name}`)
      .join(', '),
  );
}

function totalsAs(tx: TransactionSql, sums: Record<string, string>): Fragment {
  return tx.unsafe(
    Object.keys(sums)
      .map((name) => `sum(${name}) as ${name}`)
      .join(', '),
  );
}

function totals(tx: TransactionSql, sums: Record<string, string>): Fragment {
  return tx.unsafe(
    Object.keys(sums)
      .map((name) => `sum(${name})`)
      .join(', '),
  );
}
