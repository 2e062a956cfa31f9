import { expect, type Locator, type Page } from '@playwright/test';
import { clientOf } from './client-of';
import { test, withOffpeak } from './offpeak-test';
import { shownCount, shownDuration, shownMoney } from './shown-amounts';
import { simulatorBill } from './simulator-bill';

withOffpeak();

// USD per million tokens, from Anthropic's price page.
const SONNET_5_5 = { input: 2, output: 10 };
const HAIKU_5_5 = { input: 0.1, output: 0.5 };

interface Tokens {
  input_tokens: number;
  output_tokens: number;
}

function costUsd(prices: { input: number; output: number }, usage: Tokens): number {
  return (usage.input_tokens * prices.input + usage.output_tokens * prices.output) / 1_000_000;
}

test('from the first start to numbers that are right', async ({ page, offpeak }) => {
  const calls: { id: string; cost: number; usage: Tokens }[] = [];

  await test.step('the printed link logs in, once, and leaves no code in the address', async () => {
    const link = offpeak.lines.find((line) => line.startsWith('Login: '))?.slice('Login: '.length) ?? '';
    await page.goto(link);
    await expect(page.getByRole('heading', { name: 'Make the first call' })).toBeVisible();
    await expect(page).toHaveURL(`${offpeak.origin}/`);
  });
  await page.evaluate(() => Object.assign(window, { sinceFirstLoad: true }));

  const key = await test.step('a fresh key stands in snippets that hold the real address', async () => {
    const panel = page.getByRole('tabpanel');
    await expect(panel).toContainText(`ANTHROPIC_BASE_URL=${offpeak.origin}`);
    await expect(panel).toContainText('YOUR_OFFPEAK_KEY');
    await page.getByRole('button', { name: 'Create a key' }).click();
    const secret = (await page.locator('code').filter({ hasText: /^opk_/ }).textContent()) ?? '';
    expect(secret).toMatch(/^opk_[\w-]{24,}$/);
    for (const name of ['Claude Code', 'TypeScript', 'Python', 'curl']) {
      await page.getByRole('tab', { name }).click();
      await expect(panel).toContainText(offpeak.origin);
      await expect(panel).toContainText(secret);
      await expect(panel).not.toContainText('YOUR_OFFPEAK_KEY');
    }
    return secret;
  });

  await test.step('the first call turns the page into the dashboard', async () => {
    const { data, response } = await clientOf(offpeak.origin, key)
      .messages.create({
        model: 'claude-sonnet-5-5',
        max_tokens: 4_000,
        messages: [{ role: 'user', content: 'Count to many. [[sim:output=3210]]' }],
      })
      .withResponse();
    expect(data.usage.output_tokens).toBe(3_210);
    calls.push({ id: idOf(response), cost: costUsd(SONNET_5_5, data.usage), usage: data.usage });
    await expect(page.getByRole('heading', { name: 'Latest requests' })).toBeVisible();
    await expect(page.getByText('The key of your first call')).toBeVisible();
    await page.getByRole('button', { name: 'I have stored it' }).click();
    await expect(page.getByText(key)).toHaveCount(0);
  });

  await test.step('a streamed call appears by itself', async () => {
    const stream = clientOf(offpeak.origin, key).messages.stream({
      model: 'claude-haiku-5-5',
      max_tokens: 4_000,
      messages: [{ role: 'user', content: 'And again. [[sim:output=2100]]' }],
    });
    const { usage } = await stream.finalMessage();
    expect(stream.response).not.toBeNull();
    if (stream.response) calls.push({ id: idOf(stream.response), cost: costUsd(HAIKU_5_5, usage), usage });
    await expect(latest(page).getByRole('row', { name: /claude-haiku-5-5/ })).toContainText('succeeded');
  });
  expect(await page.evaluate(() => 'sinceFirstLoad' in window)).toBe(true);

  for (const { id, cost, usage } of calls) {
    await test.step(`what the page says of ${id} is what the API says`, async () => {
      await latest(page).locator(`a[href="/requests/${id}"]`).click();
      const drawer = page.getByRole('dialog', { name: 'Request' });
      await expect(drawer).toContainText(id);
      const { request } = await offpeak.api.request(id);
      expect(Number(request.costUsd)).toBeCloseTo(cost, 12);
      expect(request.latencyMs).not.toBeNull();
      await expect(factOf(drawer, 'Cost')).toHaveText(shownMoney(cost));
      await expect(factOf(drawer, 'Latency')).toHaveText(shownDuration(request.latencyMs ?? Number.NaN));
      for (const name of ['input_tokens', 'output_tokens'] as const) {
        expect(request.usage?.[name]).toBe(usage[name]);
        await expect(drawer.getByRole('row', { name: new RegExp(`^${name} `) })).toContainText(shownCount(usage[name]));
      }
      await page.keyboard.press('Escape');
      await expect(drawer).toHaveCount(0);
    });
  }

  await test.step('the spend is the simulator’s own bill', async () => {
    const total = calls.reduce((sum, { cost }) => sum + cost, 0);
    const bill = await simulatorBill(offpeak.dataDir);
    expect(bill).toHaveLength(2);
    const billed = bill.reduce((sum, { costPicoUsd }) => sum + BigInt(costPicoUsd ?? 0), 0n);
    expect(Number(billed) / 1e12).toBeCloseTo(total, 12);
    await expect
      .poll(async () => (await offpeak.api.get<{ costUsd: string }>('/api/metrics/summary')).costUsd)
      .toBe(plainUsd(billed));
    await page.getByRole('button', { name: 'Refresh now' }).click();
    const figures = page.getByRole('region', { name: 'Key figures of the range' });
    await expect(factOf(figures, 'Spend')).toHaveText(shownMoney(total));
    await expect(figures).toContainText('no waste');
  });
});

function idOf(response: Response): string {
  return response.headers.get('x-offpeak-request-id') ?? '';
}

function latest(page: Page) {
  return page.getByRole('region', { name: 'Latest requests' });
}

/** The value that stands with a name in a list of facts. */
function factOf(box: Locator, name: string) {
  return box.locator(`dt:text-is("${name}") + dd`);
}

/** Picodollars as the API's plain decimal. */
function plainUsd(pico: bigint): string {
  const digits = pico.toString().padStart(13, '0');
  return `${digits.slice(0, -12)}.${digits.slice(-12)}`.replace(/\.?0+$/, '');
}
