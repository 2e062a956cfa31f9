/** A batch's counts and money as its row keeps them; picodollars as text. */
export interface StoredTally {
  results: number;
  delivered: number;
  escalated: number;
  late: number;
  unpriced: number;
  cost: string;
  syncCost: string;
  waste: string;
}
