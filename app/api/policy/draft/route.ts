import { methods, route } from '@/app/_server';
import { storableJson } from '@/app/api/_door/storable-json';
import { DOORS } from '@/lib/contract/doors';
import type { PolicyDraft } from '@/lib/contract/policy';
import { ApiError } from '@/lib/core/errors';
import { discardDraft, findDraft, keepDraft, type PolicyDraft as StoredDraft } from '@/lib/store/policy-drafts';

/** Twice what a policy may have: too long a draft has to be kept while it is being shortened. */
const MOST_CHARACTERS = 131_072;

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = methods({
  GET: route(DOORS['GET /api/policy/draft'], async ({ deps, operator }) => {
    const draft = await findDraft(deps.pools.admin, operator.id);
    return { draft: draft && toAnswer(draft) };
  }),

  PUT: route(DOORS['PUT /api/policy/draft'], async ({ deps, operator, body, now }) => {
    if (JSON.stringify(body.document ?? null).length > MOST_CHARACTERS)
      throw new ApiError('request_too_large', 'The draft is too long to be kept');
    // A draft may hold half a character for as long as it is not published.
    const draft = { document: storableJson(body.document), baseVersion: body.baseVersion, updatedAt: now };
    await keepDraft(deps.pools.admin, operator.id, draft);
    return toAnswer(draft);
  }),

  DELETE: route(DOORS['DELETE /api/policy/draft'], async ({ deps, operator }) => {
    await discardDraft(deps.pools.admin, operator.id);
  }),
});

function toAnswer({ baseVersion, document, updatedAt }: StoredDraft): PolicyDraft {
  return { baseVersion, document, updatedAt: updatedAt.toISOString() };
}
