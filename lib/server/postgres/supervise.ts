import { stopPostmaster } from './leftovers';
import type { Postmaster } from './postmaster';

const CAME_UP_FOR_MS = 250;
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 10_000;

/** What is told of a server that died and accepts connections again. */
export interface Restart {
  /** How it had ended, such as `signal SIGKILL`. */
  cause: string;
  /** From its end until it accepted connections again. */
  downMs: number;
}

/**
 * Starts the server again whenever it ends before `stop`: at once if it had come up, however often; while it does not come
 * up, or only just, after waits that double from 0.1 s to 10 s; for ever, since its disk may get room again.
 */
export function supervise(options: {
  running: Postmaster;
  start: () => Promise<Postmaster>;
  log: (line: string) => void;
  onRestart: (restart: Restart) => void;
}): { pid(): number | undefined; stop(): Promise<void> } {
  const { start, log, onRestart } = options;
  let running: Postmaster | undefined = options.running;
  let stopping = false;
  let wakeUp = () => {};

  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  const watching = (async () => {
    let since = performance.now();
    let wait = 0;
    while (running) {
      const cause: string = await running.ended;
      running = undefined;
      if (stopping) return;
      const diedAt = performance.now();
      if (diedAt - since > CAME_UP_FOR_MS) wait = 0;
      log(`The embedded PostgreSQL ended (${cause}) and is started again.`);
      while (!stopping && !running) {
        await pause(wait);
        wait = Math.min(LONGEST_WAIT_MS, Math.max(FIRST_WAIT_MS, wait * 2));
        if (!stopping)
          running = await start().catch(
            (error: unknown) => void log(`It did not start again: ${error instanceof Error ? error.message : error}.`),
          );
      }
      since = performance.now();
      if (running && stopping) await stopPostmaster(running.pid);
      else if (running) onRestart({ cause, downMs: since - diedAt });
    }
  })();

  const stop = async () => {
    stopping = true;
    wakeUp();
    if (running) await stopPostmaster(running.pid);
    await watching;
  };
  return { pid: () => running?.pid, stop };
}
