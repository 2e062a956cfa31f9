import type { Sql } from 'postgres';
import { isSharded, PLACEMENT } from './placement';
import type { Sent } from './statement-recorder';

/** One reading of a sharded table in a statement's plan. */
export interface Reading {
  table: string;
  alias: string;
  /** Everything that narrows this reading down, joins by index included; of each partition. */
  conditions: string[];
}

interface PlanNode {
  'Relation Name'?: string;
  Alias?: string;
  Operation?: string;
  Plans?: PlanNode[];
  [key: string]: unknown;
}

const CONDITIONS = ['Index Cond', 'Recheck Cond', 'Filter', 'Join Filter', 'Hash Cond', 'Merge Cond', 'TID Cond'];
const PARTITION = /^(requests|attempts|request_bodies)_\d{8}$/;

/** What of the sharded tables a statement reads, by the plan that Postgres makes of it without knowing its parameters. */
export async function readingsOf(sql: Sql, sent: Sent, typeNames: ReadonlyMap<number, string>): Promise<Reading[]> {
  const text = sent.text.replace(/\$(\d+)/g, (parameter, n: string) => {
    const type = typeNames.get(sent.types[Number(n) - 1] ?? 0);
    return type ? `(${parameter}::${type})` : parameter;
  });
  const rows = await sql.begin(async (tx) => {
    // Joins by index show on what they join.
    await tx.unsafe(
      'set local enable_hashjoin = off; set local enable_mergejoin = off; set local enable_seqscan = off',
    );
    return tx.unsafe(`explain (generic_plan, format json) ${text}`);
  });
  const [plan] = (rows[0]?.['QUERY PLAN'] ?? []) as { Plan: PlanNode }[];
  if (!plan) throw new Error(`there is no plan of: ${sent.text}`);
  const readings = new Map<string, Reading>();
  for (const one of found(plan.Plan)) {
    const reading = readings.get(one.alias) ?? { ...one, conditions: [] };
    readings.set(one.alias, { ...reading, conditions: [...reading.conditions, ...one.conditions] });
  }
  return [...readings.values()];
}

function found(node: PlanNode): Reading[] {
  const relation = node['Relation Name'];
  const table = relation?.replace(PARTITION, '$1');
  const below = (node.Plans ?? []).flatMap(found);
  // A table that is only written to is no reading.
  if (table === undefined || node.Operation !== undefined || !isSharded(PLACEMENT[table])) return below;
  const bitmap = JSON.stringify(node.Plans ?? []);
  const conditions = CONDITIONS.flatMap((name) => (node[name] === undefined ? [] : [String(node[name])]));
  // Each partition has an alias of its own: the table's with a number.
  const alias = (node.Alias ?? table).replace(relation === table ? /$/ : /_\d+$/, '');
  return [{ table, alias, conditions: [[...conditions, bitmap].join(' ')] }, ...below];
}

/** The reading is of rows of given ids, or of ids that another table has. */
export function isById({ table, conditions }: Reading): boolean {
  const column = columnOf(table);
  return column === null || conditions.every((one) => new RegExp(`\\b${column} = `).test(one));
}

/** The reading is of a range of ids, that is of days, or of given ones. */
export function isByDay(reading: Reading): boolean {
  const column = columnOf(reading.table);
  const isRange = (one: string) => new RegExp(`\\b${column} (=|<|<=|>|>=) `).test(one);
  return column === null || reading.conditions.every(isRange);
}

function columnOf(table: string): string | null {
  const placement = PLACEMENT[table];
  return isSharded(placement) ? placement.shard : null;
}
