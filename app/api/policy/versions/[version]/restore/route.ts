import { methods, route } from '@/app/_server';
import { findVersion } from '@/app/api/policy/_find-version';
import { publish } from '@/app/api/policy/_publish';
import { DOORS } from '@/lib/contract/doors';
import { currentPolicy } from '@/lib/store/policies';

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = methods({
  POST: route(DOORS['POST /api/policy/versions/{version}/restore'], async (call) => {
    const { deps, params, body } = call;
    const old = await findVersion(deps, params.version);
    const baseVersion = body.baseVersion ?? (await currentPolicy(deps.pools.admin)).version;
    const note = body.note ?? `Restored from version ${old.version}`;
    return publish(call, { document: old.document, note, baseVersion });
  }),
});
