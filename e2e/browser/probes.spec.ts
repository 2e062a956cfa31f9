import { expect } from '@playwright/test';
import { logIn, test, visit, withOffpeak } from './offpeak-test';

withOffpeak();

test('probes: switched on, seen at work in both lanes, switched off', async ({ page, offpeak, watch }) => {
  // The browser's own line about the refused interval.
  watch.expectFault(/status of 422/);
  await logIn(page, offpeak.adminToken);
  await visit(page, '/settings');
  const panel = page.getByRole('region', { name: 'Probes', exact: true });
  await expect(panel).toContainText('Off.');
  await panel.getByRole('button', { name: 'Change probes' }).click();
  const dialog = page.getByRole('dialog', { name: 'Probes' });
  await dialog.getByRole('switch', { name: 'Probe models without traffic' }).check();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog.getByText('Name at least one model.')).toBeVisible();
  const models = dialog.getByRole('combobox', { name: 'Models' });
  await models.fill('claude-haiku-5-5');
  await models.press('Enter');
  await models.fill('a-model-of-tomorrow');
  await models.press('Tab');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog.getByText('With nothing to spend, nothing is probed.')).toBeVisible();
  await dialog.getByLabel('Interval').fill('now and then');
  await dialog.getByLabel('Daily cap').fill('0.5');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog.getByLabel('Interval')).toHaveAttribute('aria-invalid', 'true');
  await dialog.getByLabel('Interval').fill('30m');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog).toHaveCount(0);
  await expect(panel).toContainText('of $0.500 spent today (UTC)');
  const row = (model: string) => panel.getByRole('row').filter({ hasText: model });
  await expect(row('a-model-of-tomorrow')).toContainText('unpriced');

  await expect.poll(async () => (await offpeak.api.requests('rule=probe&status=succeeded')).length).toBe(2);
  await page.reload();
  await expect(row('claude-haiku-5-5')).toContainText('fresh');
  const probe = page.getByTitle('The probe of claude-haiku-5-5 in a batch');
  await expect(probe).toHaveText(/ (s|ms|min)/);
  await probe.click();
  await expect(page.getByText('offpeak=probe')).toBeVisible();

  await visit(page, '/settings');
  await panel.getByRole('button', { name: 'Change probes' }).click();
  await dialog.getByRole('switch', { name: 'Probe models without traffic' }).uncheck();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(panel).toContainText('Off.');
  expect(await offpeak.api.get('/api/probes')).toMatchObject({ enabled: false, interval: '30m' });
});

test('viewers see them and are told why they may not change them', async ({ page, offpeak }) => {
  const reader = { name: 'reader', role: 'viewer' };
  const { body } = await offpeak.api.call<{ token: string }>('POST', '/api/operators', reader);
  await logIn(page, body.token);
  await visit(page, '/settings');
  const button = page.getByRole('button', { name: 'Change probes' });
  await expect(button).toHaveAttribute('aria-disabled', 'true');
  await expect(button).toHaveAccessibleDescription(/viewer/);
});
