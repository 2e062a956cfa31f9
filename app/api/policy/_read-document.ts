import { ApiError } from '@/lib/core/errors';
import { type PolicyDocument, parsePolicy } from '@/lib/core/policy/document';

/** @throws ApiError 422 with the path of each fault. */
export function readDocument(json: unknown): PolicyDocument {
  const parsed = parsePolicy(json);
  if ('document' in parsed) return parsed.document;
  throw new ApiError('invalid_request_error', 'The policy document has faults', { status: 422, errors: parsed.errors });
}
