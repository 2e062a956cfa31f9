import { expect } from '@playwright/test';
import type { Summary } from '@/lib/contract/metrics';
import { makeCalls, mixedCalls } from './calls';
import { logIn, test, visit, withOffpeak } from './offpeak-test';

withOffpeak({
  prepare: async (offpeak) => {
    await makeCalls(offpeak, mixedCalls());
  },
});
test.beforeEach(({ page, offpeak }) => logIn(page, offpeak.adminToken));

const HOSTILE = '<img src=x onerror=alert(1)>\u202E';

test('an export is imported, compared line by line, and deleted; a fault names its line', async ({
  page,
  offpeak,
  watch,
}) => {
  watch.expectFault(/status of 422/);
  const { byModel } = await offpeak.api.get<Summary>('/api/metrics/summary?from=now-1h');
  const haiku = byModel.find(({ model }) => model === 'claude-haiku-5-5');
  const day = new Date().toISOString().slice(0, 10);
  const csv = (usd: string) =>
    `usage_date_utc,model,usage_type,cost_usd\n${day},Claude Haiku 5.5,message,${usd}\n${day},${HOSTILE},message,1\n`;
  await visit(page, '/prices');
  const panel = page.getByRole('region', { name: 'Compare with the bill' });
  await expect(panel).toContainText('Nothing was imported yet.');
  const choose = (text: string) =>
    panel.getByLabel('Export to import').setInputFiles({
      name: `${HOSTILE}.csv`.replaceAll(/[<>]/g, ''),
      mimeType: 'text/csv',
      buffer: Buffer.from(text),
    });

  await choose(csv('much'));
  await expect(panel.getByRole('alert')).toContainText('line 2, cost_usd: "much" is no decimal amount');
  await choose(csv(haiku?.costUsd ?? ''));
  const row = panel.getByRole('row').filter({ hasText: 'claude-haiku-5-5' });
  await expect(row).toContainText('no drift');
  await expect(panel.getByRole('row').filter({ hasText: 'onerror=alert(1)>⟨U+202E⟩' })).toContainText('none');
  await expect(page.locator('img[src="x"]')).toHaveCount(0);
  await panel.getByRole('button', { name: /^Delete / }).click();
  await expect(panel).toContainText('Nothing was imported yet.');
});
