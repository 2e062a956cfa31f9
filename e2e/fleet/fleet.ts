import { stopEveryOffpeak } from '@/e2e/process/start-offpeak';
import { FlagError, readFleetFlags } from './fleet-flags';
import { processTerminal } from './real/terminal';
import { UnboundedCall } from './real/worst-cost';
import { OFFICIAL_ORIGIN, runFleet } from './run-fleet';

// `npm run fleet [-- --real | --measure …]`: the experiment, its reports in .offpeak-fleet.

/** What a shell sets for other clients must not lead this one anywhere, least of all to a bill. */
for (const name of Object.keys(process.env)) {
  if (/^(ANTHROPIC_|OFFPEAK_)/.test(name) || name === 'DATABASE_URL') delete process.env[name];
}

const terminal = processTerminal();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    terminal.say('Stopping …');
    void stopEveryOffpeak().finally(() => process.exit(130));
  });
}
try {
  const world = {
    terminal,
    origin: OFFICIAL_ORIGIN,
    now: () => new Date(),
    settle: { settleMs: 300_000, settleEveryMs: 5_000 },
  };
  if ((await runFleet(readFleetFlags(process.argv.slice(2)), world)) === null) process.exitCode = 1;
} catch (error) {
  const isTheirs = error instanceof FlagError || error instanceof UnboundedCall;
  terminal.say(
    isTheirs ? error.message : `The fleet did not come to its end: ${error instanceof Error ? error.stack : error}`,
  );
  process.exitCode = 1;
} finally {
  terminal.close();
  // One that never came up would keep this process as well.
  await stopEveryOffpeak();
}
