import { ApiError } from '@/lib/core/errors';
import type { Deps } from '@/lib/deps';
import { type PolicyVersion, policyVersion } from '@/lib/store/policies';

/** @throws ApiError 404 when there is no such version. */
export async function findVersion(deps: Deps, text: string | undefined): Promise<PolicyVersion> {
  const number = /^[1-9]\d{0,8}$/.test(text ?? '') ? Number(text) : null;
  const found = number === null ? null : await policyVersion(deps.pools.admin, number);
  if (!found) throw new ApiError('not_found_error', 'There is no such policy version');
  return found;
}
