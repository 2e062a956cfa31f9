import type { Deps } from '@/lib/deps';
import { hearHints } from '@/lib/store/lane/hints';

/** Lets the callers held here hear of outcomes that other processes bring about. Without it they are only later. */
export async function hearLaneHints(deps: Deps): Promise<() => Promise<void>> {
  // What went astray would reach whoever has that connection then; asking once a second is the truth anyway.
  if (!deps.pools.canListen) return async () => undefined;
  try {
    const stop = await hearHints(deps.pools.hot, deps.lane.owner, (hint) => deps.lane.held.hear(hint));
    return () => stop().catch(() => undefined);
  } catch (error) {
    deps.log.warn({ err: error }, 'other processes cannot be heard: their outcomes are asked for once a second');
    return async () => undefined;
  }
}
