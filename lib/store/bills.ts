import { desc, eq, sql } from 'drizzle-orm';
import type { Bill } from '@/lib/contract/bills';
import type { BillFormat, BillLine } from '@/lib/core/bill/bill-line';
import type { ReadBill } from '@/lib/core/bill/read-bill';
import type { Uuid } from '@/lib/core/ids';
import type { Database } from './connect';
import { billLines, bills } from './schema';

const INSERTED_AT_ONCE = 2_000;

interface NewBill {
  id: Uuid;
  name: string;
  read: ReadBill;
  now: Date;
  /** Name of the operator. */
  by: string;
}

/** All of it or nothing. */
export async function keepBill(db: Database, { id, name, read, now, by }: NewBill): Promise<Bill> {
  const { kind, format, firstDay, lastDay, lines } = read;
  await db.transaction(async (tx) => {
    await tx.insert(bills).values({ id, name, kind, format, firstDay, lastDay, importedAt: now, importedBy: by });
    for (let at = 0; at < lines.length; at += INSERTED_AT_ONCE) {
      const part = lines.slice(at, at + INSERTED_AT_ONCE);
      await tx.insert(billLines).values(part.map((line) => ({ billId: id, ...line })));
    }
  });
  const importedAt = now.toISOString();
  return { id, name, kind, format, firstDay, lastDay, lines: lines.length, importedAt, importedBy: by };
}

/** The newest first. */
export async function listBills(db: Database): Promise<Bill[]> {
  const lines = sql<number>`(select count(*)::int from ${billLines} where ${billLines.billId} = ${bills.id})`;
  const rows = await db.select({ bill: bills, lines }).from(bills).orderBy(desc(bills.id));
  return rows.map(({ bill, lines: count }) => ({
    ...bill,
    format: bill.format as BillFormat,
    importedAt: bill.importedAt.toISOString(),
    lines: count,
  }));
}

export async function deleteBill(db: Database, id: string): Promise<{ name: string } | null> {
  const [row] = await db.delete(bills).where(eq(bills.id, id)).returning();
  return row ?? null;
}

/** Lines of all exports between two days, both inclusive, by the export's id. */
export async function readBillLines(
  db: Database,
  firstDay: string,
  lastDay: string,
): Promise<ReadonlyMap<string, BillLine[]>> {
  const rows = await db.select().from(billLines).where(sql`${billLines.day} between ${firstDay} and ${lastDay}`);
  const byBill = new Map<string, BillLine[]>();
  for (const { billId, ...line } of rows) {
    const lines = byBill.get(billId);
    if (lines) lines.push(line);
    else byBill.set(billId, [line]);
  }
  return byBill;
}
