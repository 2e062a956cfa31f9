import { defineConfig } from '@playwright/test';
import { browserArgs, findBrowser } from './browser/find-browser';

const executablePath = findBrowser();
if (executablePath === null) throw new Error('There is no Chromium; run: node --import tsx e2e/ensure-browser.ts');

export default defineConfig({
  testDir: './browser',
  globalSetup: './browser/build-once.ts',
  outputDir: '../test-results',
  workers: 2,
  forbidOnly: process.env.CI !== undefined,
  reporter: 'list',
  // Slow cores make some waits miss once; what is broken stays broken.
  retries: 1,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  use: {
    viewport: { width: 1280, height: 800 },
    // A zone that has daylight saving time and is not the machine's.
    timezoneId: 'Europe/Berlin',
    locale: 'en-US',
    colorScheme: 'light',
    contextOptions: { reducedMotion: 'reduce' },
    actionTimeout: 15_000,
    navigationTimeout: 20_000,
    // A film of every action costs a third of the time; what the page held at each step tells as much.
    trace: { mode: 'retain-on-failure', screenshots: false, sources: false },
    screenshot: 'only-on-failure',
    launchOptions: { executablePath, args: browserArgs() },
  },
});
