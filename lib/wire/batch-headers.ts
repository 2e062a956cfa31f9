import { type HeaderPairs, header, headerValues } from './headers';

const SCOPE = ['anthropic-version', 'anthropic-user-profile-id'];

/**
 * The headers that hold for a whole batch, in a fixed order: what two calls must agree in to share one. Betas are a
 * set, so their order does not count; they are never united with another call's. The workspace is part of the
 * credential: lists and results are asked for in it as well.
 */
export function batchHeaders(headers: HeaderPairs): [string, string][] {
  const shared: [string, string][] = [];
  for (const name of SCOPE) {
    const value = header(headers, name);
    if (value !== null) shared.push([name, value]);
  }
  const betas = new Set(
    headerValues(headers, 'anthropic-beta').flatMap((value) => value.split(',').map((b) => b.trim())),
  );
  betas.delete('');
  if (betas.size > 0) shared.push(['anthropic-beta', [...betas].sort().join(',')]);
  return shared;
}

export const WORKSPACE = 'anthropic-workspace-id';
