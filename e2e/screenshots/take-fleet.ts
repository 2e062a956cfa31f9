import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';
import { browserArgs, findBrowser } from '@/e2e/browser/find-browser';
import type { FleetResults } from '@/e2e/fleet/experiment/results';
import { htmlReport } from '@/e2e/fleet/report/html-report';

/** The README's picture of a fleet report: `node --import tsx e2e/screenshots/take-fleet.ts .offpeak-fleet/fleet.json`. */

const results = JSON.parse(readFileSync(process.argv[2] ?? '.offpeak-fleet/fleet.json', 'utf8')) as FleetResults;
const browser = await chromium.launch({ executablePath: findBrowser() ?? '', args: browserArgs() });
for (const theme of ['light', 'dark'] as const) {
  const page = await browser.newPage({ viewport: { width: 1160, height: 860 }, colorScheme: theme });
  await page.setContent(htmlReport(results));
  await page.screenshot({ path: fileURLToPath(new URL(`fleet-${theme}.png`, import.meta.url)) });
}
await browser.close();
