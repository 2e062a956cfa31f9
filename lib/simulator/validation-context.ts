import type { ApiVersion } from './check-betas';

/** What decides how a Messages body is judged. */
export interface ValidationContext {
  readonly version: ApiVersion;
  readonly betas: readonly string[];
  readonly lane: 'sync' | 'batch';
}
