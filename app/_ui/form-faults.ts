import { ApiFailure } from '@/app/_data/fetch-json';

/**
 * What a refused document says of each of the form's fields, by the first step of its path, and what is left to say of
 * the whole.
 */
export function formFaults(error: Error, fields: readonly string[]): { fields: Record<string, string>; rest: string } {
  if (!(error instanceof ApiFailure) || error.faults.length === 0) return { fields: {}, rest: error.message };
  const known: Record<string, string> = {};
  const rest: string[] = [];
  for (const { path, message } of error.faults) {
    const [field = ''] = path.split('.');
    if (fields.includes(field) && known[field] === undefined) known[field] = message;
    else rest.push(path ? `${path}: ${message}` : message);
  }
  return { fields: known, rest: rest.join('; ') };
}
