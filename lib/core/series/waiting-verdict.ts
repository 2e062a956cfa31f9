export interface PricedTurnaround {
  model: string;
  price: { inputUsd: string; outputUsd: string } | null;
  turnaround: { n: number; low: number | null; high: number | null };
}

/** Batches below which a median's interval is too wide to say anything. */
export const LEAST_BATCHES = 10;

export interface Verdict {
  kind: 'faster' | 'slower' | 'mixed' | 'equal' | 'unknown';
  sentence: string;
}

/**
 * Whether cheaper models' batches come back sooner here. Two models differ when the 95 % intervals of their median
 * turnarounds do not touch; models of one price are not compared.
 */
export function waitingVerdict(rows: readonly PricedTurnaround[]): Verdict {
  const measured = rows
    .filter(({ price, turnaround }) => price && turnaround.n >= LEAST_BATCHES && turnaround.low !== null)
    .sort((a, b) => costOf(a) - costOf(b));
  const pairs = measured.flatMap((cheap, i) =>
    measured.slice(i + 1).flatMap((dear) => (costOf(cheap) < costOf(dear) ? [{ cheap, dear }] : [])),
  );
  if (pairs.length === 0) {
    return {
      kind: 'unknown',
      sentence: `Not enough measured to say whether cheaper models batch faster here: it takes two models of different prices with at least ${LEAST_BATCHES} batches each.`,
    };
  }
  const faster = pairs.filter(({ cheap, dear }) => isBelow(cheap, dear));
  const slower = pairs.filter(({ cheap, dear }) => isBelow(dear, cheap));
  const open = pairs.length - faster.length - slower.length;
  const rest = open > 0 ? ` ${count(open, pairs.length)} cannot be told apart yet.` : '';
  if (faster.length > 0 && slower.length > 0) {
    return {
      kind: 'mixed',
      sentence: `Price says little about waiting here: in ${count(faster.length, pairs.length)} the cheaper model comes back sooner, in ${slower.length} later.${rest}`,
    };
  }
  if (faster.length > 0) {
    return {
      kind: 'faster',
      sentence: `Yes, cheaper models batch faster here: in ${count(faster.length, pairs.length)} the cheaper one’s median turnaround is shorter.${rest}`,
    };
  }
  if (slower.length > 0) {
    return {
      kind: 'slower',
      sentence: `No, cheaper models batch more slowly here: in ${count(slower.length, pairs.length)} the cheaper one’s median turnaround is longer.${rest}`,
    };
  }
  return {
    kind: 'equal',
    sentence: `No difference seen: the 95 % intervals of the median turnarounds overlap in ${count(pairs.length, pairs.length)}.`,
  };
}

function count(some: number, all: number): string {
  if (all === 1) return 'the one pair measured';
  return some === all ? `all ${all} pairs of models` : `${some} of ${all} pairs of models`;
}

function isBelow(a: PricedTurnaround, b: PricedTurnaround): boolean {
  const high = a.turnaround.high ?? Number.POSITIVE_INFINITY;
  return high < (b.turnaround.low ?? Number.NEGATIVE_INFINITY);
}

/** Output is dearer than input by the same factor for every model of a provider; their sum ranks either way. */
function costOf({ price }: PricedTurnaround): number {
  return price ? Number(price.inputUsd) + Number(price.outputUsd) : 0;
}
