import type { Sql, TransactionSql } from 'postgres';
import { parseRequestId } from '@/lib/core/ids';
import type { HeldItem } from './lane-store';

const CHANNEL = 'offpeak_lane';

/** What one process says to another that holds callers. It can get lost; whoever waits asks the store all the same. */
export type Hint =
  /** Items that it holds have an outcome. */
  | { kind: 'outcome' }
  /** The item's caller is now another connection, of this epoch. */
  | ({ kind: 'displaced' } & HeldItem);

/**
 * Hears what other processes have to say to `holder`, on a connection of its own, again and again made where it breaks.
 * Behind a pooler that hands connections around nothing may ever come.
 */
export async function hearHints(sql: Sql, holder: string, hear: (hint: Hint) => void): Promise<() => Promise<void>> {
  const { unlisten } = await sql.listen(CHANNEL, (payload) => {
    const hint = read(payload, holder);
    if (hint) hear(hint);
  });
  return unlisten;
}

/** Said when the transaction is done: items that these processes hold have an outcome. */
export async function tellOutcomes(tx: TransactionSql, holders: readonly string[]): Promise<void> {
  if (holders.length === 0) return;
  await tx`select pg_notify(${CHANNEL}, 'outcome ' || h) from unnest(${[...holders]}::text[]) as h`;
}

/** Whom to tell of these items' outcomes: the one that brought them about knows. */
export function otherHolders(rows: readonly { caller: string | null }[], self: string | null): string[] {
  return [...new Set(rows.flatMap(({ caller }) => (caller === null || caller === self ? [] : [caller])))];
}

export async function tellDisplaced(tx: TransactionSql, holder: string, { id, callerEpoch }: HeldItem): Promise<void> {
  await tx`select pg_notify(${CHANNEL}, ${`displaced ${holder} ${id} ${callerEpoch}`})`;
}

function read(payload: string, holder: string): Hint | null {
  const [kind, whom, item = '', epoch] = payload.split(' ');
  if (whom !== holder) return null;
  if (kind === 'outcome') return { kind };
  const id = parseRequestId(item);
  return kind === 'displaced' && id ? { kind, id, callerEpoch: Number(epoch) } : null;
}
