import { announce } from '@/app/api/_door/announce';
import { audit } from '@/app/api/_door/audit';
import type { PublishedPolicy } from '@/lib/contract/policy';
import { ApiError } from '@/lib/core/errors';
import type { PolicyDocument } from '@/lib/core/policy/document';
import { policyWarnings } from '@/lib/core/policy/warnings';
import type { Deps } from '@/lib/deps';
import type { Identity } from '@/lib/store/operators';
import { currentPolicy, publishPolicy } from '@/lib/store/policies';
import { policyAnswer } from './_answer';

/**
 * Publishes a document as the next version, here and on every replica.
 * @throws ApiError 409 when another version was published since `baseVersion`.
 */
export async function publish(
  call: { deps: Deps; operator: Identity; request: Request; now: Date },
  { document, note, baseVersion }: { document: PolicyDocument; note: string | null; baseVersion: number },
): Promise<PublishedPolicy> {
  const { deps, operator } = call;
  const draft = { document, note, author: operator.name, baseVersion };
  const before = await currentPolicy(deps.pools.admin);
  const published = await publishPolicy(deps.pools.admin, draft);
  if (published === 'stale') {
    throw new ApiError(
      'conflict_error',
      `Version ${draft.baseVersion} is not the latest any more: another one was published since; compare and publish again`,
    );
  }
  await audit(call, {
    action: 'policy.publish',
    object: `version ${published.version}`,
    before: before.document,
    after: document,
    note,
  });
  await announce(deps, 'policy');
  const warnings = policyWarnings(document).map(({ path, rule, message }) => ({ path, rule, message }));
  return { ...(await policyAnswer(deps)), warnings };
}
