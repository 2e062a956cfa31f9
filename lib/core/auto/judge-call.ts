import type { DecisionFacts } from '@/lib/core/policy/decision-facts';
import type { AutoJudge } from '@/lib/core/policy/judge';
import type { PriceRow } from '@/lib/core/pricing';
import { type AutoInputs, makeJudge } from './make-judge';
import { UNKNOWN_PREFIX } from './prefix-state';

/** What was known when the call arrived. */
export interface KnownThen {
  facts: DecisionFacts;
  /** The one that `facts.estimateId` names. */
  estimate: AutoInputs['estimate'];
  /** In force at its arrival; `null`: unpriced. */
  price: PriceRow | null;
}

/** The judge of one call: live, and whenever it is decided again from what was stored. */
export function judgeCall({ facts: known, estimate, price }: KnownThen): AutoJudge {
  const { prefix, expectedOutput, syncNeedMs, patienceMs } = known;
  return (action, facts) => {
    const inputTokens = facts.inputTokens ?? 0;
    const prefixTokens = Math.min(prefix?.tokens ?? 0, inputTokens);
    const inputs: AutoInputs = {
      estimate,
      price,
      tokens: { prefix: prefixTokens, other: inputTokens - prefixTokens, output: expectedOutput },
      prefix: prefix?.state ?? UNKNOWN_PREFIX,
      syncNeedMs,
      patienceMs,
    };
    return makeJudge(inputs)(action, facts);
  };
}
