import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { findBrowser } from './browser/find-browser';

/** Ways to get a Chromium, in the order in which they are tried. */
function installers(): [command: string, args: string[]][][] {
  const apt: [string, string[]][] = [
    ['apt-get', ['update']],
    ['apt-get', ['install', '-y', '--no-install-recommends', 'chromium']],
  ];
  const own: [string, string[]][] = [['npx', ['playwright', 'install', '--with-deps', 'chromium']]];
  const isRootOnDebian = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
  return isRootOnDebian ? [apt, own] : [own];
}

function run([command, args]: [string, string[]]): boolean {
  const { status } = spawnSync(command, args, {
    // Installers are talkative, and stdout is whoever called us's.
    stdio: ['ignore', 2, 2],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    timeout: 600_000,
  });
  return status === 0;
}

let path = findBrowser();
for (const steps of installers()) {
  if (path !== null) break;
  console.error(
    `No Chromium found; trying: ${steps.map(([command, args]) => [command, ...args].join(' ')).join(' && ')}`,
  );
  if (steps.every(run)) path = findBrowser();
}
if (path === null) {
  console.error(
    'The browser tests need a Chromium and none could be installed: put `chromium` or `google-chrome` on the PATH, or run `npx playwright install --with-deps chromium`.',
  );
  process.exitCode = 1;
}
