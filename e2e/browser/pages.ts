import { expect, type Page } from '@playwright/test';

/** A state of the dashboard that a reader can be in: where it is and what shows that it is whole. */
export interface View {
  name: string;
  path: string;
  /** Resolves once it is all there. */
  ready: (page: Page) => Promise<void>;
}

const heading = (name: string) => (page: Page) =>
  expect(page.getByRole('heading', { name, exact: true })).toBeVisible();
const dialog = (name: string) => async (page: Page) => {
  await expect(page.getByRole('dialog', { name })).toBeVisible();
};

async function wholeOverview(page: Page): Promise<void> {
  await expect(page.getByRole('region', { name: 'Latest requests' }).getByRole('row').nth(1)).toBeVisible();
  await expect(page.getByRole('region', { name: 'Spend by model' }).getByRole('application')).toBeVisible();
  await expect(page.getByRole('region', { name: 'Requests', exact: true }).getByRole('application')).toBeVisible();
  await expect(page.locator('[aria-busy="true"]')).toHaveCount(0);
}

async function wholeCost(page: Page): Promise<void> {
  await expect(page.getByRole('region', { name: 'Spend', exact: true }).getByRole('application')).toBeVisible();
  await expect(page.getByRole('region', { name: 'Tokens by kind' }).getByRole('application')).toBeVisible();
  await expect(page.locator('[aria-busy="true"]')).toHaveCount(0);
}

async function wholeLatency(page: Page): Promise<void> {
  await expect(page.getByRole('slider', { name: 'Deadline' })).toBeVisible();
  await expect(page.locator('[aria-busy="true"]')).toHaveCount(0);
}

async function wholeList(page: Page): Promise<void> {
  await expect(page.locator('a[data-request]').first()).toBeVisible();
}

/** Every page of the navigation, in its order. */
export const PAGES: readonly View[] = [
  { name: 'overview', path: '/?from=now-1h', ready: wholeOverview },
  { name: 'cost', path: '/cost?from=now-1h', ready: wholeCost },
  { name: 'latency', path: '/latency?from=now-1h', ready: wholeLatency },
  { name: 'requests', path: '/requests', ready: wholeList },
  { name: 'batches', path: '/batches', ready: heading('No call has gone to a batch in this range') },
  {
    name: 'policy',
    path: '/policy',
    ready: async (page) => expect(page.getByRole('list', { name: /^Rules/ })).toBeVisible(),
  },
  { name: 'keys', path: '/keys', ready: async (page) => expect(page.getByRole('row').nth(1)).toBeVisible() },
  { name: 'prices', path: '/prices', ready: heading('Price table') },
  { name: 'settings', path: '/settings', ready: async (page) => expect(page.getByRole('row').nth(1)).toBeVisible() },
  { name: 'audit', path: '/audit', ready: async (page) => expect(page.getByRole('row').nth(1)).toBeVisible() },
];

/** What opens over the pages. */
export const OVERLAYS: readonly View[] = [
  {
    name: 'request drawer',
    path: '/requests',
    ready: async (page) => {
      await wholeList(page);
      await page.locator('a[data-request]').nth(2).click();
      await expect(page.getByRole('dialog', { name: 'Request' }).getByRole('heading', { name: 'Usage' })).toBeVisible();
    },
  },
  {
    name: 'filter menu',
    path: '/requests?status=failed',
    ready: async (page) => {
      await wholeList(page);
      await page.getByRole('button', { name: 'State: failed' }).click();
      await expect(page.getByRole('dialog', { name: 'State' })).toBeVisible();
    },
  },
  {
    name: 'views of requests',
    path: '/requests?views=true',
    ready: async (page) => {
      await wholeList(page);
      await expect(page.getByRole('dialog', { name: 'Views' }).getByLabel('Save what is shown as')).toBeVisible();
    },
  },
  {
    name: 'columns of requests',
    path: '/requests?order=cost',
    ready: async (page) => {
      await wholeList(page);
      await page.getByRole('button', { name: 'Columns' }).click();
      await expect(page.getByRole('dialog', { name: 'Columns' }).getByLabel('Because')).toBeVisible();
    },
  },
  {
    name: 'filters of a page, zoomed in',
    path: '/cost?from=now-1h&unzoom=now-7d~now&compare=true',
    ready: async (page) => {
      await wholeCost(page);
      await expect(page.getByRole('button', { name: 'Reset zoom' })).toBeVisible();
      await page.getByRole('button', { name: 'Model', exact: true }).click();
      await expect(page.getByRole('dialog', { name: 'Model' }).getByRole('checkbox').first()).toBeVisible();
    },
  },
  {
    name: 'a rule in the policy editor',
    path: '/policy',
    ready: async (page) => {
      await page.getByRole('button', { name: 'Add a rule' }).click();
      await page
        .getByRole('dialog', { name: 'Add a rule' })
        .getByRole('button', { name: /^Nightly jobs/ })
        .click();
      await expect(page.getByLabel('Condition.2.1: value')).toBeVisible();
      await page.getByLabel('Deadline', { exact: true }).fill('soon');
      await page.getByRole('button', { name: 'Add a rule' }).click();
      await expect(
        page.getByRole('dialog', { name: 'Add a rule' }).getByRole('button', { name: /^Empty rule/ }),
      ).toBeVisible();
    },
  },
  {
    name: 'review of a policy',
    path: '/policy',
    ready: async (page) => {
      // The draft of the view before it, faults and all.
      await page.getByRole('button', { name: 'Discard' }).or(page.getByText('No draft')).first().click();
      await page.getByRole('button', { name: 'Add a rule' }).click();
      await page
        .getByRole('dialog', { name: 'Add a rule' })
        .getByRole('button', { name: /^CI and evals/ })
        .click();
      await page.getByRole('button', { name: 'Review and publish' }).click();
      await expect(page.getByRole('table').filter({ hasText: 'Decided by' })).toBeVisible();
    },
  },
  {
    name: 'an explained call',
    path: '/policy?tab=try',
    ready: async (page) => {
      await page.getByRole('button', { name: 'Explain' }).click();
      await expect(page.getByRole('region', { name: 'Rules in order' })).toBeVisible();
    },
  },
  { name: 'policy as JSON', path: '/policy?tab=json', ready: heading('Document') },
  { name: 'policy versions', path: '/policy?tab=versions', ready: heading('What changed') },
  {
    name: 'everything to sync',
    path: '/keys',
    ready: async (page) => {
      await page.getByRole('row').nth(1).waitFor();
      await page.keyboard.press('!');
      await expect(page.getByRole('dialog', { name: 'Send everything to sync?' })).toBeVisible();
    },
  },
  { name: 'create a key', path: '/keys?new=true', ready: dialog('Create a key') },
  {
    name: 'revoke a key',
    path: '/keys',
    ready: async (page) => {
      await page
        .getByRole('button', { name: /^Revoke/ })
        .first()
        .click();
      await expect(page.getByRole('dialog', { name: 'Revoke this key?' })).toBeVisible();
    },
  },
  {
    name: 'a key with a budget, revoked',
    path: '/keys',
    ready: async (page) => {
      const headers = { origin: new URL(page.url()).origin };
      const data = { name: `nightly ${Date.now()}`, monthlyBudgetUsd: '5', tags: { team: 'search' }, tolerance: '2h' };
      const made = await page.request.post('/api/keys', { data, headers });
      const { id } = await made.json();
      await page.request.delete(`/api/keys/${id}`, { headers });
      await page.reload();
      await expect(page.getByRole('button', { name: /^Undo the revocation/ }).first()).toBeVisible();
    },
  },
  {
    name: 'an imported bill',
    path: '/prices?bill=true',
    ready: async (page) => {
      const panel = page.getByRole('region', { name: 'Compare with the bill' });
      const day = new Date().toISOString().slice(0, 10);
      const lines = [`${day},Claude Haiku 5.5,message,1`, `${day},Claude Sonnet 5.5,message,0.01`];
      await panel.getByLabel('Export to import').setInputFiles({
        name: 'november.csv',
        mimeType: 'text/csv',
        buffer: Buffer.from(`usage_date_utc,model,usage_type,cost_usd\n${lines.join('\n')}\n`),
      });
      await expect(panel.getByRole('row').filter({ hasText: 'claude-haiku-5-5' })).toBeVisible();
    },
  },
  {
    name: 'filters of the audit log',
    path: '/audit',
    ready: async (page) => {
      await page.getByText('Before and after').first().click();
      await page.getByRole('button', { name: 'Change', exact: true }).click();
      await expect(page.getByRole('dialog', { name: 'Change' }).getByRole('checkbox').first()).toBeVisible();
    },
  },
  { name: 'add a price', path: '/prices?new=true', ready: dialog('Add a price') },
  { name: 'add an operator', path: '/settings?new=true', ready: dialog('Add an operator') },
  {
    name: 'change probes',
    path: '/settings',
    ready: async (page) => {
      await page.getByRole('region', { name: 'Probes', exact: true }).getByText('Off.').waitFor();
      await page.getByRole('button', { name: 'Change probes' }).click();
      await expect(page.getByRole('dialog', { name: 'Probes' })).toBeVisible();
    },
  },
  {
    name: 'time range',
    path: '/keys',
    ready: async (page) => {
      await page.getByRole('button', { name: 'Last 24 hours' }).click();
      await expect(page.getByRole('dialog', { name: 'Time range' })).toBeVisible();
    },
  },
  {
    name: 'palette',
    path: '/keys',
    ready: async (page) => {
      await page.getByRole('button', { name: 'Go to, find, do' }).click();
      await expect(page.getByRole('textbox', { name: 'Search pages and actions' })).toBeFocused();
    },
  },
  {
    name: 'shortcuts',
    path: '/keys',
    ready: async (page) => {
      await page.getByRole('row').nth(1).waitFor();
      await page.keyboard.press('?');
      await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
    },
  },
  {
    name: 'charts as tables',
    path: '/?from=now-1h',
    ready: async (page) => {
      await wholeOverview(page);
      for (const title of ['Spend by model', 'Latency by model', 'Requests']) {
        await page.getByRole('button', { name: `${title}: view as table` }).click();
      }
      await expect(page.getByRole('region', { name: 'Latency by model, table' })).toBeVisible();
    },
  },
];
