/** A part of a time line. Times are Unix ms. */
export interface Stage {
  id: string;
  name: string;
  note?: string;
  tone: 'sync' | 'batch' | 'waste' | 'quiet';
  from: number;
  /** `null`: it goes on. */
  to: number | null;
  /** As it is shown; `null`: it costs nothing, or nothing is known yet. */
  cost: string | null;
}

export interface StageEnd {
  name: string;
  /** `null`: it is not over. */
  at: number | null;
  cost: string | null;
}
