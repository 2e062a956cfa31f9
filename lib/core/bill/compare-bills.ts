import type { BillKind, BillLine } from './bill-line';
import { sumLines } from './bill-line';

/** An imported export without its lines. */
export interface BillCover {
  /** UUIDv7: where two tell of one day, the newer one counts. */
  id: string;
  kind: BillKind;
  firstDay: string;
  lastDay: string;
  importedAt: Date;
}

export interface ComparedLine {
  day: string;
  /** '' where the export does not tell them apart. */
  model: string;
  tier: string;
  theirs: BillLine | null;
  ours: BillLine | null;
  /** The day was not over when the export was imported. */
  partial: boolean;
}

/**
 * Upstream's account beside ours, by day, model and tier, for the days that an export of that kind tells of. Where it
 * does not tell models or tiers apart, neither do we.
 */
export function compareBills(
  kind: BillKind,
  bills: readonly BillCover[],
  linesOf: (billId: string) => readonly BillLine[],
  ours: readonly BillLine[],
): ComparedLine[] {
  const covers = bills.filter((bill) => bill.kind === kind).sort((a, b) => (a.id < b.id ? 1 : -1));
  const days = [...new Set([...covers.flatMap(({ id }) => linesOf(id)), ...ours].map(({ day }) => day))].sort();
  return days.flatMap((day) => {
    const cover = covers.find(({ firstDay, lastDay }) => firstDay <= day && day <= lastDay);
    if (!cover) return [];
    const theirs = linesOf(cover.id).filter((line) => line.day === day);
    const partial = day >= cover.importedAt.toISOString().slice(0, 10);
    return compareDay(
      day,
      theirs,
      ours.filter((line) => line.day === day),
    ).map((line) => ({ ...line, partial }));
  });
}

function compareDay(day: string, theirs: readonly BillLine[], ours: readonly BillLine[]) {
  const isByModel = theirs.length === 0 || theirs.some(({ model }) => model !== '');
  const isByTier = theirs.length === 0 || theirs.some(({ tier }) => tier !== '');
  const folded = ours.map((line) => ({
    ...line,
    model: isByModel ? line.model : '',
    tier: isByTier ? line.tier : '',
  }));
  const [mine, yours] = [byName(sumLines(folded)), byName(theirs)];
  const names = [...new Set([...yours.keys(), ...mine.keys()])].sort();
  return names.map((name) => {
    const [their = null, our = null] = [yours.get(name), mine.get(name)];
    const { model = '', tier = '' } = their ?? our ?? {};
    return { day, model, tier, theirs: their, ours: our };
  });
}

function byName(lines: readonly BillLine[]): Map<string, BillLine> {
  return new Map(lines.map((line) => [JSON.stringify([line.model, line.tier]), line]));
}
