import { type ModelEstimate, maxTokensClass, outputClass } from '@/lib/core/estimate/model-estimate';

/** Where nothing was measured: little, since what is answered is what batch saves on. */
const ASSUMED_TOKENS = 256;

/** Tokens that a call is expected to be answered with: as its key's calls of this class, else as all of this class. */
export function expectedOutput(
  estimate: Pick<ModelEstimate, 'outputTokens'> | null,
  keyId: string | null,
  maxTokens: number | null,
): number {
  const bound = maxTokensClass(maxTokens);
  const measured =
    estimate?.outputTokens.get(outputClass(keyId, bound)) ?? estimate?.outputTokens.get(outputClass(null, bound));
  return Math.min(measured ?? ASSUMED_TOKENS, maxTokens ?? Number.POSITIVE_INFINITY);
}
