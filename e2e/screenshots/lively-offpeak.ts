import { fileURLToPath } from 'node:url';
import { type Offpeak, startOffpeak } from '@/e2e/process/start-offpeak';
import { waitFor } from '@/e2e/process/wait-for';
import { Fleet } from './fleet';

const MINUTE_MS = 60_000;
/** A chart of six hours has a bar for each step. */
const STEP_MS = 5 * MINUTE_MS;
const STEPS = 72;
/** The first wave lies safely within them, however long the others take. */
const BEHIND_MS = STEPS * STEP_MS - 2 * MINUTE_MS;
/** A wave of calls is over in less than a second. */
const TIME_SCALE = 60;

/** An Offpeak whose simulated fleet has worked for the last six hours; they pass while this waits. */
export async function startLivelyOffpeak(): Promise<Offpeak> {
  const clock = fileURLToPath(new URL('stepping-clock.ts', import.meta.url));
  const offpeak = await startOffpeak({
    env: {
      OFFPEAK_SIM_TIME_SCALE: String(TIME_SCALE),
      SCREENSHOT_BEHIND_MS: String(BEHIND_MS),
      SCREENSHOT_STEP_MS: String(STEP_MS),
      NODE_OPTIONS: `--import tsx --import ${clock}`,
    },
  });
  const fleet = await Fleet.of(offpeak);
  for (let step = 0; step < STEPS; step++) {
    await fleet.wave(0.75 + 0.5 * Math.sin((step / STEPS) * 2 * Math.PI - 1.2));
    await stepClock(offpeak);
  }
  await fleet.wave(0.4);
  await waitFor('the log to be written', async () => (await offpeak.api.status()).spool.pending === 0);
  return offpeak;
}

async function stepClock(offpeak: Offpeak): Promise<void> {
  const { api } = offpeak;
  const before = Date.parse((await api.status()).now);
  offpeak.signal('SIGUSR2');
  await waitFor('the next step', async () => Date.parse((await api.status()).now) - before >= STEP_MS / 2);
}
