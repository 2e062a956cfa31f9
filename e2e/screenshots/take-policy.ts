import { fileURLToPath } from 'node:url';
import { chromium, expect } from '@playwright/test';
import { browserArgs, findBrowser } from '@/e2e/browser/find-browser';
import { type Offpeak, startOffpeak } from '@/e2e/process/start-offpeak';

/** Takes the README's picture of the policy anew, after some minutes: `node --import tsx e2e/screenshots/take-policy.ts`. */

const MODELS = ['claude-haiku-5-5', 'claude-sonnet-5-5', 'claude-opus-5-5'];
const CALLS = 90;
const PACE_MS = 300;

const RULES = [
  {
    id: 'ci-and-evals',
    name: 'CI and evals',
    enabled: true,
    when: { field: 'tag.job', op: 'in', value: ['ci', 'evals'] },
    // biome-ignore lint/suspicious/noThenProperty: the document's own word; no rule is ever awaited
    then: { lane: 'batch', deadline: '4h', window: '0ms' },
  },
  {
    id: 'background-sub-agents',
    name: 'Background sub-agents',
    enabled: true,
    when: {
      all: [
        { field: 'agent', op: 'eq', value: 'subagent' },
        {
          any: [
            { field: 'tolerance', op: 'gte', value: '1m' },
            { field: 'tolerance', op: 'exists', value: false },
          ],
        },
      ],
    },
    // biome-ignore lint/suspicious/noThenProperty: as above
    then: { lane: 'auto', deadline: '1m', maxMiss: 0.1, explore: 0.05 },
    rollout: 25,
  },
];

async function call({ origin, apiKey }: Offpeak, i: number): Promise<unknown> {
  const headers = {
    'x-api-key': apiKey,
    'anthropic-version': '2023-06-01',
    'content-type': 'application/json',
    'x-offpeak-tags': 'job=evals',
    'x-offpeak-tolerance': '2h',
  };
  const body = {
    model: MODELS[i % MODELS.length],
    max_tokens: 50,
    messages: [{ role: 'user', content: `${i} [[sim:output=30]]` }],
  };
  const answer = await fetch(`${origin}/v1/messages`, { method: 'POST', headers, body: JSON.stringify(body) });
  return answer.text();
}

const offpeak = await startOffpeak({ env: { OFFPEAK_SIM_TIME_SCALE: '10' } });
const browser = await chromium.launch({ executablePath: findBrowser() ?? '', args: browserArgs() });
try {
  const { document } = await offpeak.api.get<{ document: { rules: unknown[] } }>('/api/policy');
  const next = { ...document, rules: [...RULES, ...document.rules] };
  await offpeak.api.call('PUT', '/api/policy', {
    document: next,
    baseVersion: 1,
    note: 'Evals and sub-agents can wait',
  });
  for (let i = 0; i < CALLS; i++) {
    // Those that a slow batch has are still out when the picture is taken, as they would be.
    void call(offpeak, i).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, PACE_MS));
  }
  await new Promise((resolve) => setTimeout(resolve, 60_000));
  const page = await browser.newPage({
    baseURL: offpeak.origin,
    viewport: { width: 1280, height: 920 },
    colorScheme: 'light',
    reducedMotion: 'reduce',
    timezoneId: 'UTC',
    locale: 'en-US',
  });
  await page.request.post('/api/session', { data: { token: offpeak.adminToken } });
  await page.goto('/policy');
  await page.getByRole('button', { name: /^Background sub-agents, edit/ }).click();
  await expect(page.getByText(/n = \d+/).first()).toBeVisible();
  await page.screenshot({ path: fileURLToPath(new URL('policy-light.png', import.meta.url)) });
} finally {
  await browser.close();
  await offpeak.stop();
}
