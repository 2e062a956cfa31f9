import { methods, route } from '@/app/_server';
import { DOORS } from '@/lib/contract/doors';
import { policyAnswer } from './_answer';
import { publish } from './_publish';
import { readDocument } from './_read-document';

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = methods({
  GET: route(DOORS['GET /api/policy'], ({ deps }) => policyAnswer(deps)),

  PUT: route(DOORS['PUT /api/policy'], async (call) => {
    const { note, baseVersion } = call.body;
    return publish(call, { document: readDocument(call.body.document), note, baseVersion });
  }),
});
