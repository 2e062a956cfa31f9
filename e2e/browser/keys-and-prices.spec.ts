import { expect, type Page } from '@playwright/test';
import { clientOf } from './client-of';
import { listening, logIn, test, visit, withOffpeak } from './offpeak-test';
import { shownMoney } from './shown-amounts';

withOffpeak();
test.beforeEach(({ page, offpeak }) => logIn(page, offpeak.adminToken));

const keyRow = (page: Page, name: string) => page.getByRole('row').filter({ hasText: name });

test('a key: created, shown once, used, revoked', async ({ page, offpeak, watch }) => {
  // The browser's own line about the refused tolerance.
  watch.expectFault(/status of 422/);
  await visit(page, '/keys');
  await page.getByRole('button', { name: 'Create a key' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Create' }).click();
  await expect(dialog.getByText('A name tells keys apart')).toBeVisible();
  await dialog.getByLabel('Name').fill('nightly evals');
  await dialog.getByLabel('Tolerance').fill('soon');
  await dialog.getByLabel('Tags').fill('team=evals');
  await page.keyboard.press('Enter');
  await dialog.getByRole('button', { name: 'Create' }).click();
  await expect(dialog.getByLabel('Tolerance')).toHaveAccessibleDescription(/interactive|duration/);
  await expect(dialog.getByLabel('Tolerance')).toHaveAttribute('aria-invalid', 'true');
  await dialog.getByLabel('Tolerance').fill('2h');
  await dialog.getByRole('button', { name: 'Create' }).click();

  await expect(dialog).toContainText('is shown only now');
  const secret = (await dialog.locator('code').textContent()) ?? '';
  expect(secret).toMatch(/^opk_/);
  await page.mouse.click(5, 5);
  await expect(dialog.getByText(secret)).toBeVisible();
  await dialog.getByRole('button', { name: 'I have stored it' }).click();
  await expect(dialog).toHaveCount(0);
  await expect(page.getByText(secret)).toHaveCount(0);
  await page.reload();
  await listening(page);
  await expect(keyRow(page, 'nightly evals')).toContainText(`${secret.slice(-4)}`);
  await expect(page.getByText(secret)).toHaveCount(0);
  expect(JSON.stringify(await offpeak.api.get('/api/keys'))).not.toContain(secret);
  await expect(keyRow(page, 'nightly evals')).toContainText('team=evals');
  await expect(keyRow(page, 'nightly evals')).toContainText('2h');

  const { messages } = clientOf(offpeak.origin, secret);
  const call = { model: 'claude-haiku-5-5', max_tokens: 20, messages: [{ role: 'user' as const, content: 'Hi' }] };
  await messages.create(call);
  await expect.poll(async () => (await offpeak.api.requests('key=nightly%20evals')).length).toBe(1);
  expect((await offpeak.api.requests('key=nightly%20evals'))[0]?.tags).toEqual({ team: 'evals' });

  await page.getByRole('button', { name: 'Revoke nightly evals' }).click();
  const confirm = page.getByRole('dialog', { name: 'Revoke this key?' });
  await expect(confirm.getByRole('button', { name: 'Revoke' })).toBeDisabled();
  await confirm.getByRole('textbox').fill('nightly eval');
  await expect(confirm.getByRole('button', { name: 'Revoke' })).toBeDisabled();
  await confirm.getByRole('textbox').fill('nightly evals');
  await confirm.getByRole('button', { name: 'Revoke' }).click();
  await expect(confirm).toHaveCount(0);
  await expect(keyRow(page, 'nightly evals')).toContainText('revoked');
  await expect
    .poll(() =>
      messages.create(call).then(
        () => 200,
        (error: { status?: number }) => error.status,
      ),
    )
    .toBe(401);
  // A slip of the hand is taken back.
  await page.getByRole('button', { name: 'Undo the revocation of nightly evals' }).click();
  await expect(keyRow(page, 'nightly evals')).not.toContainText('revoked');
  await expect.poll(() => messages.create(call).then(() => 200)).toBe(200);
});

test('the palette opens the form of another page, and cancelling changes nothing', async ({ page, offpeak }) => {
  await visit(page, '/prices');
  await expect(page.getByRole('heading', { name: 'Price table' })).toBeVisible();
  const before = (await offpeak.api.get<{ keys: unknown[] }>('/api/keys')).keys.length;
  await page.keyboard.press('Control+k');
  await page.getByRole('textbox', { name: 'Search pages and actions' }).fill('create key');
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Create a key' });
  await expect(dialog.getByLabel('Name')).toBeFocused();
  await dialog.getByLabel('Name').fill('never made');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(dialog).toHaveCount(0);
  await expect(page).toHaveURL('/keys');
  expect((await offpeak.api.get<{ keys: unknown[] }>('/api/keys')).keys).toHaveLength(before);
});

const costOf = (page: Page) => page.getByRole('main').locator('dt:text-is("Cost") + dd');

test('a dated row prices what comes after it, and nothing before', async ({ page, offpeak }) => {
  const call = async () => {
    const { data, response } = await clientOf(offpeak.origin, offpeak.apiKey)
      .messages.create({
        model: 'claude-haiku-5-5',
        max_tokens: 3_000,
        messages: [{ role: 'user', content: 'Hi [[sim:output=2000]]' }],
      })
      .withResponse();
    const id = response.headers.get('x-offpeak-request-id') ?? '';
    await expect.poll(async () => (await offpeak.api.requests()).some((row) => row.id === id)).toBe(true);
    const { input_tokens: input, output_tokens: output } = data.usage;
    return { id, costAt: (perInput: number, perOutput: number) => (input * perInput + output * perOutput) / 1_000_000 };
  };
  const before = await call();

  await visit(page, '/prices');
  await page.getByRole('button', { name: 'Add a price' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add a price' });
  await expect(dialog.getByText('Europe/Berlin (UTC+')).toBeVisible();
  await dialog.getByLabel('Model').fill('claude-haiku-5');
  await page.getByRole('option', { name: 'claude-haiku-5-5' }).click();
  await expect(dialog.getByLabel('Cache read')).toHaveValue('0.01');
  await dialog.getByLabel('Input').fill('12.34567');
  await dialog.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(dialog.getByText('at most four decimals')).toBeVisible();
  await dialog.getByLabel('Input').fill('20');
  await dialog.getByLabel('Output').fill('100');
  await dialog.getByLabel('Source').fill('a contract of today');
  await dialog.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(dialog).toHaveCount(0);
  const row = page.getByRole('row').filter({ hasText: 'a contract of today' });
  await expect(row).toContainText('in force');
  await expect(row).toContainText('$100');
  await expect(row).toContainText('by admin');

  const after = await call();
  await visit(page, `/requests/${after.id}`);
  await expect(costOf(page)).toHaveText(shownMoney(after.costAt(20, 100)));
  await visit(page, `/requests/${before.id}`);
  await expect(costOf(page)).toHaveText(shownMoney(before.costAt(0.1, 0.5)));
});

test('a call without a known price is unpriced, not free', async ({ page, offpeak }) => {
  const { response } = await clientOf(offpeak.origin, offpeak.apiKey, { 'anthropic-beta': 'fast-mode-2026-02-01' })
    .beta.messages.create({
      model: 'claude-opus-5-5',
      speed: 'fast',
      max_tokens: 50,
      messages: [{ role: 'user', content: 'Hi' }],
    })
    .withResponse();
  const id = response.headers.get('x-offpeak-request-id') ?? '';
  await expect.poll(async () => (await offpeak.api.requests('model=claude-opus-5-5')).length).toBe(1);
  await visit(page, `/requests/${id}`);
  await expect(costOf(page)).toHaveText('unpriced');
  await visit(page, '/');
  const figures = page.getByRole('region', { name: 'Key figures of the range' });
  await expect(figures.getByRole('link', { name: '1 unpriced, not in it' })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Models, table' }).getByRole('row', { name: /opus/ })).toContainText(
    'unpriced',
  );
});

test('an operator: added, token shown once, deleted', async ({ page, offpeak }) => {
  await visit(page, '/settings');
  await page.getByRole('button', { name: 'Add an operator' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('ada');
  await dialog.getByRole('radio', { name: 'operator' }).check();
  await dialog.getByRole('button', { name: 'Add', exact: true }).click();
  const token = (await dialog.locator('code').textContent()) ?? '';
  expect(token).toMatch(/^opt_/);
  await dialog.getByRole('button', { name: 'I have stored it' }).click();
  await expect(page.getByRole('row').filter({ hasText: 'ada' })).toContainText('operator');
  const asAda = () => fetch(`${offpeak.origin}/api/keys`, { headers: { authorization: `Bearer ${token}` } });
  expect((await asAda()).status).toBe(200);
  await page.getByRole('button', { name: 'Delete ada' }).click();
  const confirm = page.getByRole('dialog', { name: 'Delete this operator?' });
  await confirm.getByRole('textbox').fill('ada');
  await confirm.getByRole('button', { name: 'Delete' }).click();
  await expect(page.getByRole('row').filter({ hasText: 'ada' })).toHaveCount(0);
  expect((await asAda()).status).toBe(401);
});
