import type { Deps } from '@/lib/deps';
import { Roller } from '@/lib/store/rollups/roller';

const IDLE_MS = 1_000;
const BUSY_MS = 50;

/** Keeps the rollups up to date in this process, for as long as it lives. Answers how to stop after the turn under way. */
export function startRollups(deps: Deps): () => Promise<void> {
  const roller = new Roller({ sql: deps.pools.rollups, now: deps.clock.now, monotonic: deps.clock.monotonic });
  let timer: NodeJS.Timeout | null = null;
  let running: Promise<void> = Promise.resolve();
  let stopped = false;
  let isDown = false;
  const turn = async () => {
    let pause = IDLE_MS;
    try {
      if ((await roller.turn()) > 0) pause = BUSY_MS;
      isDown = false;
    } catch (error) {
      if (!isDown) deps.log.error({ err: error }, 'rollups cannot be kept up to date; it is tried again');
      isDown = true;
    }
    schedule(pause);
  };
  const schedule = (ms: number) => {
    if (stopped) return;
    timer = setTimeout(() => {
      running = turn();
    }, ms);
    timer.unref();
  };
  schedule(0);
  return async () => {
    stopped = true;
    if (timer) clearTimeout(timer);
    await running;
  };
}
