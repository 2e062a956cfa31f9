interface Side {
  input: number;
  output: number;
  cacheRead: number;
  cacheWrite: number;
  costUsd: string;
}

interface Line {
  theirs: Side | null;
  ours: Side | null;
}

export interface Drift {
  theirs: number;
  ours: number;
  /** Ours less theirs. */
  gap: number;
  /** Of theirs; `null`: they have nothing. */
  share: number | null;
}

const amountIn = {
  usage: (side: Side | null) => (side ? side.input + side.output + side.cacheRead + side.cacheWrite : 0),
  cost: (side: Side | null) => Number(side?.costUsd ?? 0),
};

/** How far our account of some lines is from theirs: all tokens together, or USD. */
export function driftOf(kind: 'usage' | 'cost', lines: readonly Line[]): Drift {
  const sum = (side: 'theirs' | 'ours') => lines.reduce((all, line) => all + amountIn[kind](line[side]), 0);
  const [theirs, ours] = [sum('theirs'), sum('ours')];
  return { theirs, ours, gap: ours - theirs, share: theirs === 0 ? null : (ours - theirs) / theirs };
}
