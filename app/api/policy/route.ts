import { methods, route } from '@/app/_server';
import { DOORS } from '@/lib/contract/doors';
import { ApiError } from '@/lib/core/errors';
import { parsePolicy } from '@/lib/core/policy/document';
import { policyAnswer } from './_answer';
import { publish } from './_publish';

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = methods({
  GET: route(DOORS['GET /api/policy'], ({ deps }) => policyAnswer(deps)),

  PUT: route(DOORS['PUT /api/policy'], async ({ deps, body, operator }) => {
    const parsed = parsePolicy(body.document);
    if ('errors' in parsed) {
      throw new ApiError('invalid_request_error', 'The policy document has faults', {
        status: 422,
        errors: parsed.errors,
      });
    }
    const { note, baseVersion } = body;
    return publish(deps, { document: parsed.document, note, author: operator.name, baseVersion });
  }),
});
