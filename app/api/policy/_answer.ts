import type { PolicyAnswer, PolicyVersion as PolicyVersionAnswer } from '@/lib/contract/policy';
import type { Deps } from '@/lib/deps';
import { currentPolicy, type PolicyVersion, readPause } from '@/lib/store/policies';

export function toAnswer({ publishedAt, ...version }: PolicyVersion): PolicyVersionAnswer {
  return { ...version, publishedAt: publishedAt?.toISOString() ?? null };
}

/** The version in force with its switch. */
export async function policyAnswer(deps: Deps): Promise<PolicyAnswer> {
  const [current, { paused }] = await Promise.all([currentPolicy(deps.pools.admin), readPause(deps.pools.admin)]);
  return { ...toAnswer(current), paused };
}
