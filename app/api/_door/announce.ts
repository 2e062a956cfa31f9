import type { Deps } from '@/lib/deps';
import { withoutStatement } from './database-failure';

/**
 * Makes a change known here and on every replica. When that fails the change still stands, and each replica finds it by
 * itself within two seconds: no reason to tell the caller that it failed.
 */
export async function announce(deps: Deps, table: 'keys' | 'prices' | 'policy' | 'probes'): Promise<void> {
  try {
    await deps.announce(table);
  } catch (error) {
    deps.log.warn({ err: withoutStatement(error), table }, 'a change was not announced');
  }
}
