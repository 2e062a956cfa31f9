import { announce } from '@/app/api/_door/announce';
import type { PolicyAnswer } from '@/lib/contract/policy';
import { ApiError } from '@/lib/core/errors';
import type { PolicyDocument } from '@/lib/core/policy/document';
import type { Deps } from '@/lib/deps';
import { publishPolicy } from '@/lib/store/policies';
import { policyAnswer } from './_answer';

/**
 * Publishes a document as the next version, here and on every replica.
 * @throws ApiError 409 when another version was published since `baseVersion`.
 */
export async function publish(
  deps: Deps,
  draft: { document: PolicyDocument; note: string | null; author: string; baseVersion: number },
): Promise<PolicyAnswer> {
  const published = await publishPolicy(deps.pools.admin, draft);
  if (published === 'stale') {
    throw new ApiError(
      'conflict_error',
      `Version ${draft.baseVersion} is not the latest any more: another one was published since; compare and publish again`,
    );
  }
  deps.log.info({ operator: draft.author, version: published.version }, 'policy published');
  await announce(deps, 'policy');
  return policyAnswer(deps);
}
