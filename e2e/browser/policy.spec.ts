import { expect, type Locator, type Page } from '@playwright/test';
import type { Offpeak } from '@/e2e/process/start-offpeak';
import type { PolicyAnswer, PolicyVersions } from '@/lib/contract/policy';
import type { PolicyDocument } from '@/lib/core/policy/document';
import { makeCalls } from './calls';
import { clientOf } from './client-of';
import { logIn, test, visit, withOffpeak } from './offpeak-test';

const MODEL = 'claude-haiku-5-5';
const CALLS = 5;

withOffpeak({
  async prepare(offpeak) {
    const plan = {
      model: MODEL,
      tags: 'job=evals',
      headers: { 'x-offpeak-lane': 'sync', 'x-offpeak-tolerance': '1m' },
    };
    const { headers: _, ...waiting } = plan;
    await makeCalls(offpeak, [
      ...Array.from({ length: CALLS }, () => ({ ...waiting, headers: { 'x-offpeak-tolerance': '1m' } })),
      plan,
    ]);
  },
});

// Each test begins with the shipped document and without a draft.
test.beforeEach(async ({ page, offpeak }) => {
  await logIn(page, offpeak.adminToken);
  await offpeak.api.call('DELETE', '/api/policy/draft');
  const { version } = await policyOf(offpeak);
  if (version > 1) await offpeak.api.call('POST', '/api/policy/versions/1/restore', {});
});

const policyOf = ({ api }: Offpeak) => api.get<PolicyAnswer>('/api/policy');

async function publishDefault({ api }: Offpeak, action: PolicyDocument['default'], note: string): Promise<void> {
  const { document, version } = await api.get<PolicyAnswer>('/api/policy');
  const next = { ...document, default: action };
  const { status } = await api.call('PUT', '/api/policy', { document: next, baseVersion: version, note });
  expect(status).toBe(200);
}

/** What the next call's answer says of its decision. */
async function decisionOf(offpeak: Offpeak, tags = 'job=evals'): Promise<string> {
  const headers = { 'x-offpeak-tolerance': '1m', 'x-offpeak-tags': tags };
  const { response } = await clientOf(offpeak.origin, offpeak.apiKey, headers)
    .messages.create({
      model: MODEL,
      max_tokens: 50,
      messages: [{ role: 'user', content: `${Math.random()} [[sim:output=20]]` }],
    })
    .withResponse();
  return ['lane', 'rule'].map((name) => response.headers.get(`x-offpeak-${name}`)).join(' by ');
}

const rules = (page: Page) => page.getByRole('list', { name: /^Rules/ }).locator('> li');
const rule = (page: Page, name: string) => page.getByRole('listitem', { name: new RegExp(`^Rule \\d+: ${name}$`) });
const names = (page: Page) => rules(page).evaluateAll((all) => all.map((one) => one.getAttribute('aria-label')));

/** Takes the card by its handle and lets it go over another. */
async function drag(page: Page, card: Locator, over: Locator): Promise<void> {
  const [from, to] = [await card.getByTitle(/^Drag/).boundingBox(), await over.boundingBox()];
  if (!from || !to) throw new Error('no such card');
  await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
  await page.mouse.down();
  await page.mouse.move(from.x + 8, to.y + 4, { steps: 5 });
  await expect(over).toHaveAttribute('data-drop', 'above');
  await page.mouse.up();
}

async function publishDraft(page: Page, note: string): Promise<void> {
  await page.getByRole('button', { name: 'Review and publish' }).click();
  const dialog = page.getByRole('dialog', { name: /^Publish version/ });
  await dialog.getByLabel('Why').fill(note);
  await confirm(dialog);
  await dialog.getByRole('button', { name: 'Publish' }).click();
  await expect(dialog).toHaveCount(0);
}

/** Types what is asked for where much of the traffic would move, which is known once the log was decided anew. */
async function confirm(review: Locator): Promise<void> {
  const effect = review.getByRole('region', { name: 'Expected effect' });
  await expect(effect.getByRole('button', { name: 'Run again' })).toBeVisible();
  const word = review.getByLabel(/^Type “version \d+” to confirm/);
  if (await word.isVisible()) {
    const [, next = ''] = /Publish (version \d+)/.exec((await review.textContent()) ?? '') ?? [];
    await word.fill(next);
  }
  await expect(review.getByRole('button', { name: 'Publish' })).toBeEnabled();
}

test('by mouse: a rule is built, tried on what was logged, published, obeyed and rolled back', async ({
  page,
  offpeak,
}) => {
  await visit(page, '/policy');
  await expect(page.getByText('Version 1 is in force')).toBeVisible();
  await page.getByRole('button', { name: 'Add a rule' }).click();
  await page
    .getByRole('dialog', { name: 'Add a rule' })
    .getByRole('button', { name: /^Empty rule/ })
    .click();
  const card = rule(page, 'New rule');
  await card.getByLabel('Name', { exact: true }).fill('Evals');
  const evals = rule(page, 'Evals');
  await evals.getByLabel(/^Id,/).fill('evals');
  await evals.getByRole('button', { name: 'Add a condition' }).click();
  await evals.getByLabel('Condition: field').selectOption('tag.');
  await evals.getByLabel('Condition: value').fill('evals');
  await evals.getByRole('radio', { name: /^batch/ }).check();
  await evals.getByLabel('Deadline', { exact: true }).fill('30m');
  await evals.getByLabel('Window').fill('0ms');
  await expect(evals.getByText(/30m: not measured/)).toBeVisible();
  await evals.getByRole('button', { name: 'Evals, fold' }).click();
  await drag(page, evals, rules(page).first());
  expect(await names(page)).toEqual(['Rule 1: Evals', 'Rule 2: Calls that can wait at least 2 minutes']);

  await page.getByRole('button', { name: 'Review and publish' }).click();
  const dialog = page.getByRole('dialog', { name: 'Publish version 2' });
  const changes = dialog.getByRole('list', { name: 'Changes' });
  await expect(changes).toContainText('added');
  await expect(changes).toContainText('tag.job is evals');
  const effect = dialog.getByRole('region', { name: 'Expected effect' });
  await expect(effect.locator('dt:text-is("Moves to batch") + dd')).toContainText(`${CALLS}of ${CALLS + 1} calls`);
  await expect(effect.getByRole('row', { name: /^Evals/ })).toContainText(String(CALLS));
  await dialog.getByLabel('Why').fill('Evals can wait');
  const word = dialog.getByLabel('Type “version 2” to confirm');
  await expect(dialog.getByText('83 % of the traffic would change its lane.')).toBeVisible();
  await expect(dialog.getByRole('button', { name: 'Publish' })).toBeDisabled();
  await word.fill('version 3');
  await word.press('Enter');
  await expect(dialog.getByRole('button', { name: 'Publish' })).toBeDisabled();
  expect((await policyOf(offpeak)).version).toBe(1);
  await word.fill('version 2');
  await dialog.getByRole('button', { name: 'Publish' }).click();
  await expect(dialog).toHaveCount(0);
  await expect(page.getByText(/Version 2 is in force, published .* by admin: Evals can wait/)).toBeVisible();
  await expect.poll(() => decisionOf(offpeak)).toBe('batch by evals');

  await page.getByRole('tab', { name: 'Versions' }).click();
  await expect(page.getByRole('row', { name: /^2 in force/ })).toContainText('Evals can wait');
  await page.getByRole('button', { name: 'Restore version 1' }).click();
  await page
    .getByRole('dialog', { name: /^Restore version 1/ })
    .getByRole('button', { name: 'Restore' })
    .click();
  await expect(page.getByText(/Version 3 is in force, published/)).toBeVisible();
  await expect.poll(() => decisionOf(offpeak)).toBe('sync by default');
});

test('by keyboard alone: from another page to a published rule in the first place', async ({ page, offpeak }) => {
  const before = (await policyOf(offpeak)).version;
  const { keyboard } = page;
  await visit(page, '/keys');
  await keyboard.press('g');
  await keyboard.press('p');
  await page.getByRole('button', { name: 'Add a rule' }).press('Enter');
  await page
    .getByRole('dialog', { name: 'Add a rule' })
    .getByRole('button', { name: /^Overload spill/ })
    .press('Enter');
  const name = rule(page, 'Overload spill').getByLabel('Name', { exact: true });
  await expect(name).toBeFocused();
  await keyboard.type('Short waits');
  const card = rule(page, 'Short waits');
  await card.getByLabel('Condition: value').focus();
  await keyboard.press('Control+a');
  await keyboard.type('30s');
  await card.getByRole('slider', { name: 'Rollout, slider' }).press('End');
  await card.getByRole('button', { name: 'Add a condition' }).press('Enter');
  await card.getByLabel('Condition.2: value').focus();
  await keyboard.type('claude-*');
  await keyboard.press('Escape');
  await card.getByLabel('Condition.2: operator').selectOption('glob');
  await card.getByRole('button', { name: /fold$/ }).focus();
  await keyboard.press('Alt+ArrowUp');
  await expect(page.locator('#announcements')).toHaveText('Short waits moved to place 1 of 2');
  expect((await names(page))[0]).toBe('Rule 1: Short waits');
  await expect(card.getByRole('button', { name: /fold$/ })).toBeFocused();
  await keyboard.press('Control+z');
  expect((await names(page))[0]).not.toBe('Rule 1: Short waits');
  await keyboard.press('Control+Shift+z');
  expect((await names(page))[0]).toBe('Rule 1: Short waits');

  await page.getByRole('button', { name: 'Review and publish' }).press('Enter');
  const dialog = page.getByRole('dialog', { name: /^Publish version/ });
  await confirm(dialog);
  await dialog.getByRole('button', { name: 'Publish' }).press('Enter');
  await expect(dialog).toHaveCount(0);
  const { document, version } = await policyOf(offpeak);
  expect(version).toBe(before + 1);
  expect(document.rules[0]).toEqual({
    id: 'overload-spill',
    name: 'Short waits',
    enabled: true,
    when: {
      all: [
        { field: 'tolerance', op: 'gte', value: '30s' },
        { field: 'model', op: 'glob', value: 'claude-*' },
      ],
    },
    // biome-ignore lint/suspicious/noThenProperty: the document's own word; no rule is ever awaited
    then: { lane: 'sync', spill: true },
    ...(document.rules[0]?.rollout === undefined ? {} : { rollout: 100 }),
  });
  await expect.poll(() => decisionOf(offpeak)).toBe('sync by overload-spill');
});

test('a draft that is stale conflicts, and is put on the version that came between', async ({
  page,
  offpeak,
  watch,
}) => {
  watch.expectFault(/status of 409/);
  await visit(page, '/policy');
  await page.getByRole('button', { name: /^Duplicate/ }).click();
  await expect(page.getByText('kept on the server')).toBeVisible();
  await page.getByRole('button', { name: 'Review and publish' }).click();
  const review = page.getByRole('dialog', { name: /^Publish version/ });
  await expect(review).toBeVisible();
  await confirm(review);
  await publishDefault(offpeak, { lane: 'sync', spill: true }, 'Spill what is refused');
  await review.getByRole('button', { name: 'Publish' }).click();

  const conflict = page.getByRole('dialog', { name: /was published meanwhile$/ });
  await expect(conflict).toContainText('Spill what is refused');
  await expect(conflict.getByRole('region', { name: 'What changed meanwhile' })).toContainText('spill');
  await expect(conflict.getByRole('region', { name: 'What your draft changes' })).toContainText('(copy)');
  await conflict.getByRole('button', { name: /^Put my changes/ }).click();
  await expect(rules(page)).toHaveCount(2);
  await publishDraft(page, 'both');
  const { document } = await policyOf(offpeak);
  expect([document.rules.length, document.default]).toEqual([2, { lane: 'sync', spill: true }]);
});

test('what is wrong is told where it is, in form and text, and nothing that was typed is lost', async ({
  page,
  offpeak,
  browser,
}) => {
  const before = (await policyOf(offpeak)).version;
  await visit(page, '/policy');
  await page.getByRole('button', { name: /edit$/ }).first().click();
  const card = rules(page).first();
  await card.getByLabel('Condition: value').fill('soon');
  await expect(card.getByText(/^Must be `interactive` or a duration/)).toBeVisible();
  await expect(page.getByText('1 fault', { exact: true })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Review and publish' })).toHaveAttribute('aria-disabled', 'true');

  await page.getByRole('tab', { name: 'JSON' }).click();
  const text = page.getByLabel('Policy document, JSON');
  await expect(text).toHaveValue(/"value": "soon"/);
  await expect(page.getByRole('listitem').filter({ hasText: 'rules[0].when.value' })).toBeVisible();
  const broken = (await text.inputValue()).replace('"soon"', '"5m');
  await text.fill(broken);
  await expect(page.getByText(/Is no JSON yet/)).toBeVisible();
  await page.getByRole('tab', { name: 'Rules' }).click();
  await expect(page.getByText('The JSON is unfinished')).toBeVisible();
  await page.getByRole('tab', { name: 'JSON' }).click();
  await expect(text).toHaveValue(broken);
  await expect
    .poll(
      async () => (await offpeak.api.get<{ draft: { document: unknown } | null }>('/api/policy/draft')).draft?.document,
    )
    .toBe(broken);

  // The same operator in another browser.
  const other = await browser.newPage({ baseURL: offpeak.origin });
  await logIn(other, offpeak.adminToken);
  await visit(other, '/policy?tab=json');
  await expect(other.getByLabel('Policy document, JSON')).toHaveValue(broken);
  await other.close();

  await text.fill(broken.replace('"5m', '"5m"'));
  await expect(page.getByText('No faults.')).toBeVisible();
  await page.getByRole('tab', { name: 'Rules' }).click();
  await expect(rules(page).first()).toContainText('when tolerance ≥ 5m');
  await page.getByRole('button', { name: 'Discard' }).click();
  await expect(page.getByText('No draft')).toBeVisible();
  await page.getByRole('button', { name: 'Undo (⌘Z)' }).click();
  await expect(rules(page).first()).toContainText('when tolerance ≥ 5m');
  expect((await policyOf(offpeak)).version).toBe(before);
});

test('everything goes to sync by two keys, on every page, and back', async ({ page, offpeak }) => {
  await publishDefault(offpeak, { lane: 'batch', window: '0ms' }, 'all to batch');
  await expect.poll(() => decisionOf(offpeak)).toBe('batch by default');
  await visit(page, '/keys');
  await expect(page.getByRole('row').nth(1)).toBeVisible();
  const notices = page.getByRole('region', { name: 'Notices' });
  await page.keyboard.press('!');
  await expect(page.getByRole('dialog').getByRole('button', { name: 'Everything to sync' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(notices).toContainText('Everything goes to sync.');
  await expect.poll(() => decisionOf(offpeak)).toBe('sync by paused');
  await page.getByRole('link', { name: 'Policy' }).click();
  await expect(page.getByRole('switch', { name: 'Everything to sync' })).toBeChecked();
  await expect(notices).toContainText('by admin');
  await notices.getByRole('button', { name: 'Put it in force again' }).click();
  await page.keyboard.press('Enter');
  await expect(notices).not.toContainText('Everything goes to sync.');
  await expect.poll(() => decisionOf(offpeak)).toBe('batch by default');
  const { versions } = await offpeak.api.get<PolicyVersions>('/api/policy/versions');
  expect(versions[0]?.note).toBe('all to batch');
});

test('a call is explained rule by rule: one that is pasted, against the draft, and one of the log', async ({
  page,
  offpeak,
}) => {
  await visit(page, '/policy');
  await page.getByRole('button', { name: 'Add a rule' }).click();
  await page
    .getByRole('dialog', { name: 'Add a rule' })
    .getByRole('button', { name: /^CI and evals/ })
    .click();
  await page.getByRole('button', { name: /^Move CI and evals up/ }).click();
  await page.getByRole('tab', { name: 'Try a call' }).click();
  await page.getByLabel('Tolerance').fill('30m');
  await page.getByLabel('Against').selectOption('draft');
  await page.getByRole('button', { name: 'Explain' }).click();
  const decision = page.getByRole('region', { name: 'The decision' });
  await expect(decision.getByRole('status')).toContainText('batchby rule “CI and evals”, in the draft');
  const trace = decision.getByRole('region', { name: 'Rules in order' });
  await expect(trace).toContainText('tag.job is one of ci, eval, evals (it is evals)');
  await expect(trace).toContainText('holds too, but comes later');
  await expect(trace).toContainText('tolerance ≥ 2m (it is 30m)');

  const [row] = await offpeak.api.requests('tag=job%3Devals&lane=sync');
  await visit(page, `/policy?tab=try&request=${row?.id}`);
  await expect(decision.getByRole('status')).toContainText('sync');
  await expect(decision.getByRole('region', { name: 'Rules in order' })).toContainText('does not hold');
});
