import type { Sql } from 'postgres';
import type { Queue } from '@/lib/contract/batches';
import type { SizeClass } from '@/lib/core/lane-states';
import { ofUpstream, type UpstreamScope } from './request-filter';

const MOST_GROUPS = 100;
/** A group's key is a digest: this much tells two apart. */
const GROUP_CHARS = 12;

interface ModelRow {
  model: string;
  queued: number;
  batched: number;
  escalating: number;
  oldest: Date;
  earliest: Date;
}

interface GroupRow {
  group_key: string;
  model: string;
  size_class: SizeClass;
  credential: string;
  items: number;
  bytes: string;
  oldest: Date;
  earliest: Date;
  window_ends: Date;
}

/** What has no outcome yet: by model, and the queued by what may share a batch. */
export async function readQueue(sql: Sql, upstream: UpstreamScope): Promise<Queue> {
  const [models, groups] = await Promise.all([
    sql<ModelRow[]>`
      select r.model, (count(*) filter (where r.state = 'queued'))::int as queued,
        (count(*) filter (where r.state = 'batched'))::int as batched,
        (count(*) filter (where r.state = 'escalating'))::int as escalating,
        min(r.arrived_at) as oldest, min(r.answer_by) as earliest
      from items r where r.state <> 'done' and ${ofUpstream(sql, upstream)} group by r.model order by earliest, r.model`,
    sql<GroupRow[]>`
      select r.group_key, r.model, r.size_class, r.credential, count(*)::int as items, sum(r.bytes) as bytes,
        min(r.arrived_at) as oldest, min(r.answer_by) as earliest, min(r.window_ends_at) as window_ends
      from items r where r.state = 'queued' and ${ofUpstream(sql, upstream)}
      group by r.group_key, r.model, r.size_class, r.credential order by earliest, r.group_key limit ${MOST_GROUPS}`,
  ]);
  const sum = (count: (row: ModelRow) => number) => models.reduce((total, row) => total + count(row), 0);
  return {
    queued: sum(({ queued }) => queued),
    batched: sum(({ batched }) => batched),
    escalating: sum(({ escalating }) => escalating),
    oldestAt: earliestOf(models.map(({ oldest }) => oldest)),
    earliestDeadlineAt: earliestOf(models.map(({ earliest }) => earliest)),
    models: models.map(({ oldest, earliest, ...row }) => ({
      ...row,
      oldestAt: oldest.toISOString(),
      earliestDeadlineAt: earliest.toISOString(),
    })),
    groups: groups.map((row) => ({
      group: row.group_key.slice(0, GROUP_CHARS),
      model: row.model,
      sizeClass: row.size_class,
      credential: credentialName(row.credential),
      items: row.items,
      bytes: Number(row.bytes),
      oldestAt: row.oldest.toISOString(),
      earliestDeadlineAt: row.earliest.toISOString(),
      windowEndsAt: row.window_ends.toISOString(),
    })),
  };
}

/** A caller's own credential is told apart by its hash inside; nobody needs to see that. */
export function credentialName(credential: string): string {
  return credential.startsWith('key:') ? credential.slice('key:'.length) : 'own';
}

function earliestOf(times: readonly Date[]): string | null {
  return times.length > 0 ? new Date(Math.min(...times.map(Number))).toISOString() : null;
}
