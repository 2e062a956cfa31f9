import { expect, type Page } from '@playwright/test';
import { Secrets } from '@/lib/secrets';
import { loadDataSecrets } from '@/lib/server/data-secrets';
import { readRunning } from '@/lib/server/running-file';
import { connect } from '@/lib/store/connect';
import { createLoginCode } from '@/lib/store/sessions';
import { makeCalls } from './calls';
import { logIn, test, visit, withOffpeak } from './offpeak-test';

withOffpeak({ prepare: async (offpeak) => void (await makeCalls(offpeak, [{ model: 'claude-haiku-5-5' }])) });

const USED_OR_EXPIRED = 'This login link was used already or has expired';
const REFUSED = /status of 401/;

/** React has taken over the form once it has left its mark there. */
async function formListens(page: Page): Promise<void> {
  await page.waitForFunction(() => Object.keys(document.forms[0] ?? {}).some((key) => key.startsWith('__reactProps')));
}

async function submitToken(page: Page, token: string): Promise<void> {
  await formListens(page);
  await page.getByLabel('Operator token', { exact: true }).fill(token);
  await page.getByRole('button', { name: 'Log in' }).click();
}

/** Away from the dashboard first: a page that meets a 401 goes to the login by itself, across any other way. */
async function forgetSession(page: Page): Promise<void> {
  await page.goto('about:blank');
  await page.context().clearCookies();
}

const overview = (page: Page) => page.getByRole('heading', { name: 'Latest requests' });

test('a login link works once', async ({ page, offpeak, watch }) => {
  const link = offpeak.lines.find((line) => line.startsWith('Login: '))?.slice('Login: '.length) ?? '';
  await page.goto(link);
  await expect(overview(page)).toBeVisible();
  await forgetSession(page);
  watch.expectFault(REFUSED);
  await page.goto('/login');
  // While a page comes to life, Next writes the address that it was loaded from over a newer one.
  await formListens(page);
  await page.goto(link);
  await expect(page.getByRole('main').getByRole('alert')).toContainText(USED_OR_EXPIRED);
  await expect(page.getByRole('main').getByRole('alert')).toContainText('npm run login');
  await expect(page).toHaveURL('/login');
});

test('an expired link says so', async ({ page, offpeak, watch }) => {
  watch.expectFault(REFUSED);
  const code = 'opc_a-code-whose-ten-minutes-are-over';
  await saveCode(offpeak.dataDir, code, new Date(Date.now() - 601_000));
  await page.goto(`/login#${code}`);
  await expect(page.getByRole('main').getByRole('alert')).toContainText(USED_OR_EXPIRED);
});

test('a wrong token is refused, the right one opens the page that was asked for', async ({ page, offpeak, watch }) => {
  watch.expectFault(REFUSED);
  await page.goto('/requests?status=failed');
  await expect(page).toHaveURL(/\/login\?next=/);
  await submitToken(page, 'opt_nobody-has-this-token');
  await expect(page.getByRole('main').getByRole('alert')).toHaveText('No operator has this token.');
  await submitToken(page, offpeak.adminToken);
  await expect(page).toHaveURL('/requests?status=failed');
  await expect(page.getByText('No request in this range matches.')).toBeVisible();
});

test('`next` leads nowhere but here', async ({ page, offpeak, watch }) => {
  watch.expectFault(REFUSED);
  for (const next of ['https://evil.test/', '//evil.test', '/\\evil.test', 'javascript:alert(1)', '/login']) {
    await forgetSession(page);
    await page.goto(`/login?next=${encodeURIComponent(next)}`);
    await submitToken(page, offpeak.adminToken);
    await expect(page).toHaveURL('/');
    await expect(overview(page)).toBeVisible();
  }
});

test('logging out ends the session, in every tab', async ({ page, context, offpeak, watch }) => {
  await logIn(page, offpeak.adminToken);
  await visit(page, '/keys');
  const other = await context.newPage();
  await visit(other, '/prices');
  await expect(other.getByRole('heading', { name: 'Price table' })).toBeVisible();
  await page.getByRole('button', { name: 'Log out' }).click();
  await expect(page).toHaveURL('/login');
  expect(await context.cookies()).toEqual([]);
  watch.expectFault(REFUSED);
  await other.getByRole('button', { name: 'Refresh now' }).click();
  await expect(other).toHaveURL('/login?next=%2Fprices');
  await page.goBack();
  await expect(page).toHaveURL(/\/login/);
});

test('a viewer sees everything and can change nothing', async ({ page, offpeak }) => {
  const { body } = await offpeak.api.call<{ token: string }>('POST', '/api/operators', {
    name: 'vera',
    role: 'viewer',
  });
  await page.goto('/login');
  await submitToken(page, body.token);
  await expect(overview(page)).toBeVisible();
  for (const [path, action] of [
    ['/keys', 'Create a key'],
    ['/prices', 'Add a price'],
  ] as const) {
    await visit(page, path);
    const button = page.getByRole('button', { name: action }).first();
    await expect(button).toHaveAttribute('aria-disabled', 'true');
    await expect(button).toHaveAccessibleDescription(/Your role is viewer/);
    await button.click({ force: true });
    await visit(page, `${path}?new=true`);
    await expect(page.getByRole('table')).toBeVisible();
    await expect(page.getByRole('dialog')).toHaveCount(0);
  }
  await expect(page.getByRole('button', { name: /^Revoke/ })).toHaveCount(0);
  await visit(page, '/settings');
  await expect(page.getByText('This Offpeak')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Add an operator' })).toHaveAttribute('aria-disabled', 'true');
  for (const [method, path] of [
    ['POST', '/api/keys'],
    ['PUT', '/api/prices'],
    ['GET', '/api/operators'],
  ] as const) {
    const answer = await page.request.fetch(path, { method, data: { name: 'x' }, headers: { origin: offpeak.origin } });
    expect(answer.status()).toBe(403);
  }
});

test('an operator who is deleted is out at once', async ({ page, offpeak, watch }) => {
  const { body } = await offpeak.api.call<{ id: string; token: string }>('POST', '/api/operators', {
    name: 'olaf',
    role: 'operator',
  });
  await logIn(page, body.token);
  await visit(page, '/keys');
  await expect(page.getByRole('button', { name: 'Create a key' })).toBeEnabled();
  await offpeak.api.call('DELETE', `/api/operators/${body.id}`);
  watch.expectFault(REFUSED);
  await page.getByRole('button', { name: 'Refresh now' }).click();
  await expect(page).toHaveURL(/\/login\?next=%2Fkeys/);
});

// Stays last: it uses up this address' attempts.
test('too many attempts are told to wait', async ({ page, watch }) => {
  watch.expectFault(/status of 4(01|29)/);
  await page.goto('/login');
  await expect(async () => {
    const answer = await page.request.post('/api/session', { data: { token: 'opt_a-guess' } });
    expect(answer.status()).toBe(429);
  }).toPass({ intervals: [1] });
  await submitToken(page, 'opt_another-guess');
  await expect(page.getByRole('main').getByRole('alert')).toHaveText(
    /^Too many attempts\. Wait \d+ (s|min), then try again\.$/,
  );
});

async function saveCode(dataDir: string, code: string, at: Date): Promise<void> {
  const running = await readRunning(dataDir);
  if (!running) throw new Error('Offpeak does not run on this folder');
  const secrets = new Secrets((await loadDataSecrets(dataDir)).secretKey);
  const pools = connect(running.databaseUrl);
  await createLoginCode(pools.admin, secrets.hmacSession(code), at);
  await pools.close();
}
