import type { ReactNode } from 'react';
import { moneyText } from '@/app/_ui/amounts';
import type { RequestRow } from '@/lib/contract/requests';

export function isOpen({ state }: RequestRow): boolean {
  return state === 'waiting' || state === 'running';
}

/** A call that is still open has no cost yet; a closed one without it has a model that no price row knows. */
export function costText(row: RequestRow): ReactNode {
  if (row.costUsd !== null) return moneyText(row.costUsd);
  return isOpen(row) ? '–' : <span className="soft">unpriced</span>;
}
