/**
 * Advisory locks that hold a kind of work to one process per database. Held by transactions only, so that they work
 * behind a pooler; any numbers that only Offpeak uses, each its own: work that shares one keeps other work waiting.
 */
export const LOCKS = {
  migrate: 7_216_431_905,
  claimGroup: 7_216_431_906,
  rollups: 7_216_431_907,
  claimProbe: 5_118_204_377,
} as const;
