import type { Deps } from '@/lib/deps';

/**
 * Something that lives as long as the process's `Deps`, made when it is first asked for. Next may instantiate a module
 * more than once, so a variable at a module's top level would not be one per process.
 */
export function depsSlot<T extends object>(deps: Deps, name: string, make: () => T): T {
  const slots = deps as unknown as Record<symbol, T | undefined>;
  const slot = Symbol.for(`offpeak.app.${name}`);
  const known = slots[slot];
  if (known) return known;
  const made = make();
  slots[slot] = made;
  return made;
}
