import { z } from 'zod';
import { ApiError } from '@/lib/core/errors';
import { plainFault } from '@/lib/core/plain-fault';

/**
 * Reads the query strictly: a parameter that the schema does not know, one that is repeated but may not be, and a value
 * that it refuses are all named. Array fields take repeated parameters.
 * @throws ApiError `invalid_request_error`.
 */
export function readQuery<Q extends z.ZodObject>(schema: Q, params: URLSearchParams): z.output<Q> {
  const known = new Map(Object.entries(schema.shape).map(([name, field]) => [name, isList(field)]));
  const values = new Map<string, string | string[]>();
  for (const [name, value] of params) {
    const list = known.get(name);
    if (list === undefined) throw refused(name, 'unknown parameter');
    if (value.includes('\0')) throw refused(name, 'must not hold NUL');
    const before = values.get(name);
    if (!list && before !== undefined) throw refused(name, 'must be given once');
    values.set(name, list ? [...(Array.isArray(before) ? before : []), value] : value);
  }
  const parsed = schema.safeParse(Object.fromEntries(values), { error: plainFault });
  if (parsed.success) return parsed.data;
  const errors = faults(parsed.error);
  throw new ApiError('invalid_request_error', sentence(errors), { errors });
}

/** What is wrong and where, `tags.team` or `rules.0.when`. */
export function faults(error: z.ZodError): { path: string; message: string }[] {
  return error.issues.flatMap((issue) => {
    const at = issue.path.map(String);
    if (issue.code !== 'unrecognized_keys') return [{ path: at.join('.'), message: issue.message }];
    return issue.keys.map((key) => ({ path: [...at, key].join('.'), message: 'unknown field' }));
  });
}

/** The first fault, for callers that show one line. */
export function sentence(errors: readonly { path: string; message: string }[]): string {
  const [first] = errors;
  return first ? `${first.path || 'body'}: ${first.message}`.slice(0, 500) : 'invalid';
}

function refused(name: string, message: string): ApiError {
  const path = name.slice(0, 100);
  return new ApiError('invalid_request_error', `${path}: ${message}`, { errors: [{ path, message }] });
}

function isList(field: unknown): boolean {
  if (field instanceof z.ZodDefault || field instanceof z.ZodOptional) return isList(field.unwrap());
  return field instanceof z.ZodArray;
}
