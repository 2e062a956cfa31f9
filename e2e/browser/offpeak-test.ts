import { test as base, expect, type Page } from '@playwright/test';
import { type Env, type Offpeak, startOffpeak } from '@/e2e/process/start-offpeak';
import { type Simulator, type SimulatorOptions, startSimulator } from '@/lib/simulator/start-simulator';
import { PageWatch } from './page-watch';

/** Divides the simulator's waits: a call takes milliseconds. */
export const TIME_SCALE = 1_000;

interface Fixtures {
  /** The one instance of this test file. */
  offpeak: Offpeak;
  /** Runs along with every test and fails it for what no page may do. */
  watch: PageWatch;
}

let running: Offpeak | null = null;

/** Every journey's `test`. Addresses are relative to the file's Offpeak. */
export const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: a fixture names what it needs by destructuring
  offpeak: async ({}, use) => {
    if (!running) throw new Error('call withOffpeak() at the top of the file');
    await use(running);
  },
  // Playwright asks for it in hooks as well, when there is none yet.
  // biome-ignore lint/correctness/noEmptyPattern: as above
  baseURL: async ({}, use) => use(running?.origin),
  watch: [
    async ({ context, offpeak }, use) => {
      const watch = await PageWatch.on(context, offpeak.origin);
      await use(watch);
      watch.assertQuiet();
    },
    { auto: true },
  ],
});

interface OffpeakPlan {
  env?: Env;
  /** An upstream of its own instead of the built-in one. */
  upstream?: SimulatorOptions;
  prepare?: (offpeak: Offpeak) => Promise<void>;
}

/** Starts one Offpeak for the file: in production mode, with the built-in simulator, on a data folder of its own. */
export function withOffpeak({ env = {}, upstream, prepare }: OffpeakPlan = {}) {
  let simulator: Simulator | null = null;
  test.beforeAll(async () => {
    test.setTimeout(120_000);
    simulator = upstream ? await startSimulator({ quiet: true, ...upstream }) : null;
    const own = simulator && { OFFPEAK_UPSTREAM_URL: simulator.url, ANTHROPIC_API_KEY: 'sk-ant-of-the-simulator' };
    running = await startOffpeak({ env: { OFFPEAK_SIM_TIME_SCALE: String(TIME_SCALE), ...own, ...env } });
    await prepare?.(running);
  });
  test.afterAll(async () => {
    await running?.stop();
    await simulator?.close();
    running = null;
  });
}

/** Gives the page's context a session without walking through the login page. */
export async function logIn(page: Page, token: string): Promise<void> {
  const answer = await page.request.post('/api/session', { data: { token } });
  if (!answer.ok()) throw new Error(`the login answered ${answer.status()}`);
}

/** Opens a page of the dashboard and waits until it listens: a click before that is a click on a picture. */
export async function visit(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await listening(page);
}

/** The zone is known only to a page that runs. */
export async function listening(page: Page): Promise<void> {
  await expect(page.getByTitle(/^Show times in/)).toHaveText(/\w/);
}
