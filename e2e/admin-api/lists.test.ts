import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Ingest } from '@/lib/store/ingest';
import { attemptRecord, closedRecord, openedRecord } from '@/lib/testing/records';
import { type AdminProcess, adminProcess } from './admin-process';

let admin: AdminProcess;
const viewer = () => ({ token: admin.tokens.viewer });
const operator = () => ({ token: admin.tokens.operator });

const FORMULA = '=HYPERLINK("https://evil.test")';
const DAY = '2026-11-20';

/** Two calls of a day: one by batch with the tokens and money given, one by sync. */
beforeAll(async () => {
  admin = await adminProcess();
  const { origin, simulated } = admin.deps.upstream;
  const call = (minute: number, model: string, lane: 'sync' | 'batch', usd: number) => {
    const arrivedAt = Date.parse(`${DAY}T12:00:00Z`) + minute * 60_000;
    const opened = openedRecord({ arrivedAt, model, lane, upstream: origin, simulated, tags: { team: FORMULA } });
    const attempt = attemptRecord({
      lane,
      model,
      usage: { input_tokens: 100 * usd, output_tokens: 10, cache_read_input_tokens: 3 },
      costPico: String(BigInt(usd) * 1_000_000_000_000n),
    });
    return { opened, closed: closedRecord(opened, { servedBy: lane, latencyMs: 1_000 / usd, attempts: [attempt] }) };
  };
  await new Ingest(admin.deps.pools.hot).write([
    call(0, 'claude-opus-5-5', 'batch', 1),
    call(1, 'claude-opus-5-5', 'sync', 4),
    call(2, 'claude-haiku-4-5-20251001', 'batch', 2),
    call(3, FORMULA, 'sync', 3),
  ]);
});
afterAll(() => admin.stop());

const range = `from=${DAY}T00:00:00Z&to=2026-11-21T00:00:00Z`;

describe('the list', () => {
  test('by cost and by latency, on one page', async () => {
    const order = async (by: string) => {
      const { json } = await admin.call('GET', `/api/requests?${range}&order=${by}&limit=3`, viewer());
      expect(json.nextCursor).toBeNull();
      return json.rows.map((row: { costUsd: string }) => row.costUsd);
    };
    expect(await order('cost')).toEqual(['4', '3', '2']);
    expect(await order('latency')).toEqual(['1', '2', '3']);
    const { json } = await admin.call('GET', `/api/requests?${range}&limit=1`, viewer());
    const paged = await admin.call('GET', `/api/requests?${range}&order=cost&cursor=${json.nextCursor}`, viewer());
    expect([paged.status, paged.json.error.message]).toEqual([400, expect.stringContaining('cursor')]);
  });

  test('is found by the start of a tag, as name and value or as value', async () => {
    for (const q of ['team==hyper', '=HYPER']) {
      const { json } = await admin.call('GET', `/api/requests?${range}&q=${encodeURIComponent(q)}`, viewer());
      expect(json.rows).toHaveLength(4);
    }
    const none = await admin.call('GET', `/api/requests?${range}&q=team=x`, viewer());
    expect(none.json.rows).toEqual([]);
  });

  test('what its filters let through, bucket by bucket', async () => {
    const path = `/api/requests/volume?${range}&model=claude-opus-5-5&bucket=1h`;
    const { json } = await admin.call('GET', path, viewer());
    expect([json.basis, json.requests, json.since]).toEqual(['all', 2, null]);
    expect(json.buckets).toHaveLength(24);
    expect(json.buckets[12]).toEqual({ at: `${DAY}T12:00:00.000Z`, requests: 2, errors: 0 });
  });

  test('as CSV: whole, in order, and with nothing that a spreadsheet would run', async () => {
    const answer = await admin.call('GET', `/api/requests/export?${range}`, viewer());
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="offpeak-requests.csv"');
    const [head = '', ...rows] = answer.text.trimEnd().split('\r\n');
    expect(head.split(',').slice(0, 4)).toEqual(['id', 'arrived_at_utc', 'endpoint', 'model']);
    expect(rows).toHaveLength(4);
    expect(rows[0]).toContain(`"'=HYPERLINK(""https://evil.test"")"`);
    expect(answer.text).not.toMatch(/(^|,)"?[=+@]/m);
    const filtered = await admin.call('GET', `/api/requests/export?${range}&lane=batch&order=cost`, viewer());
    expect(
      filtered.text
        .trimEnd()
        .split('\r\n')
        .slice(1)
        .map((row) => row.includes('haiku')),
    ).toEqual([true, false]);
    expect((await admin.call('GET', `/api/requests/export?${range}&limit=1`, viewer())).status).toBe(400);
  });
});

describe('saved views', () => {
  const save = (token: string, body: object) => admin.call('PUT', '/api/views', { token, body });
  const names = async (token: string) =>
    (await admin.call('GET', '/api/views', { token })).json.views.map((view: { name: string }) => view.name);

  test('an own one is the operator’s alone; a shared one everyone’s, and an operator’s to make', async () => {
    const { viewer: reader, operator: writer } = admin.tokens;
    const own = await save(reader, { name: 'Mine', query: 'status=failed&order=cost' });
    expect([own.status, own.json]).toEqual([
      200,
      expect.objectContaining({ own: true, shared: false, owner: 'viewer' }),
    ]);
    expect((await save(reader, { name: 'Ours', query: '', shared: true })).status).toBe(403);
    const shared = await save(writer, { name: 'Ours', query: 'lane=batch', shared: true });
    expect(await names(reader)).toEqual(['Mine', 'Ours']);
    expect(await names(writer)).toEqual(['Ours']);

    const replaced = await save(reader, { name: 'Mine', query: 'q=claude' });
    expect(replaced.json).toMatchObject({ id: own.json.id, query: 'q=claude' });
    const remove = (token: string, id: string) => admin.call('DELETE', `/api/views/${id}`, { token });
    expect((await remove(reader, shared.json.id)).status).toBe(403);
    expect((await remove(writer, own.json.id)).status).toBe(404);
    expect((await remove(reader, own.json.id)).status).toBe(204);
    expect((await remove(writer, shared.json.id)).status).toBe(204);
    const { json } = await admin.call('GET', '/api/audit?object=Ours', { token: reader });
    expect(json.entries.map(({ action }: { action: string }) => action)).toEqual(['view.delete', 'view.share']);
  });

  test.each([
    ['another page’s parameters', { name: 'x', query: 'tab=json' }],
    ['an address', { name: 'x', query: 'https://evil.test/?q=1#x' }],
    ['no name', { name: ' ', query: '' }],
    ['a control character', { name: 'a\u0007', query: '' }],
    ['too much', { name: 'x', query: `q=${'x'.repeat(4_000)}` }],
  ])('are refused with %s', async (_, body) => {
    expect((await save(admin.tokens.operator, body)).status).toBe(422);
  });
});

describe('imported bills', () => {
  const COST = [
    'usage_date_utc,model,usage_type,token_type,cost_usd',
    `${DAY},Claude Opus 5.5,batch,output,1.5`,
    `${DAY},Claude Opus 5.5,message,output,4`,
    `${DAY},Claude Haiku 4.5,batch,output,2`,
  ].join('\n');
  const compare = (query: string) => admin.call('GET', `/api/bills/compare?${query}`, viewer());

  test('stand beside what was counted here, by day, model and tier', async () => {
    const made = await admin.call('POST', '/api/bills', { ...operator(), body: { name: 'november.csv', text: COST } });
    expect([made.status, made.json]).toEqual([
      201,
      expect.objectContaining({ kind: 'cost', format: 'cost_csv', firstDay: DAY, lastDay: DAY, lines: 3 }),
    ]);
    const { json } = await compare('firstDay=2026-11-01&lastDay=2026-11-30');
    expect(json.usage).toEqual([]);
    const rows = json.cost.map(({ model, tier, theirs, ours }: Record<string, { costUsd: string } | null>) => [
      model,
      tier,
      theirs?.costUsd,
      ours?.costUsd,
    ]);
    expect(rows).toEqual([
      [FORMULA.toLowerCase(), 'standard', undefined, '3'],
      ['claude-haiku-4-5', 'batch', '2', '2'],
      ['claude-opus-5-5', 'batch', '1.5', '1'],
      ['claude-opus-5-5', 'standard', '4', '4'],
    ]);

    const usage = {
      data: [
        {
          starting_at: `${DAY}T12:00:00Z`,
          results: [
            {
              uncached_input_tokens: 100,
              cache_read_input_tokens: 3,
              output_tokens: 11,
              model: 'claude-opus-5-5',
              service_tier: 'batch',
            },
          ],
        },
      ],
    };
    const body = { name: 'usage.json', text: JSON.stringify(usage) };
    expect((await admin.call('POST', '/api/bills', { ...operator(), body })).status).toBe(201);
    const again = await compare(`firstDay=${DAY}&lastDay=${DAY}`);
    const [, , opus] = again.json.usage;
    const none = { cacheWrite: 0, cacheRead: 3, input: 100 };
    expect(opus).toMatchObject({ theirs: { ...none, output: 11 }, ours: { ...none, output: 10 } });

    expect((await admin.call('DELETE', `/api/bills/${made.json.id}`, operator())).status).toBe(204);
    expect((await compare(`firstDay=${DAY}&lastDay=${DAY}`)).json.cost).toEqual([]);
    expect((await admin.call('GET', '/api/bills', viewer())).json.bills).toHaveLength(1);
  });

  test('a fault is answered with its place, and nothing is kept', async () => {
    const text = COST.replace('1.5', 'much');
    const answer = await admin.call('POST', '/api/bills', { ...operator(), body: { name: 'x', text } });
    expect([answer.status, answer.json.error.message]).toEqual([422, 'line 2, cost_usd: "much" is no decimal amount']);
    expect((await admin.call('POST', '/api/bills', { ...viewer(), body: { name: 'x', text: COST } })).status).toBe(403);
    expect((await admin.call('GET', '/api/bills', viewer())).json.bills).toHaveLength(1);
  });

  test.each([
    'firstDay=2026-11-02&lastDay=2026-11-01',
    'firstDay=2026-01-01&lastDay=2026-11-01',
    'firstDay=2026-13-01',
  ])('no comparison of %s', async (query) => expect((await compare(query)).status).toBe(400));
});

test('a revocation can be taken back for five minutes, on every replica', async () => {
  const body = { name: 'slip', monthlyBudgetUsd: '5' };
  const { json: made } = await admin.call('POST', '/api/keys', { ...operator(), body });
  expect(made).toMatchObject({ spentMonthUsd: '0', spentUsd: '0', restorableUntil: null });
  const restore = () => admin.call('POST', `/api/keys/${made.id}/restore`, operator());
  expect((await restore()).status).toBe(409);
  await admin.call('DELETE', `/api/keys/${made.id}`, operator());
  expect(await admin.deps.keyRing.lookup(made.secret)).toBe('unknown');
  expect((await restore()).json).toMatchObject({ name: 'slip', revokedAt: null });
  expect(admin.deps.keyRing.lookup(made.secret)).toMatchObject({ key: { name: 'slip' } });

  await admin.call('DELETE', `/api/keys/${made.id}`, operator());
  await admin.call('POST', '/api/keys', { ...operator(), body });
  expect((await restore()).json.error.message).toContain('has its name by now');
  await admin.deps.pools.hot`update keys set revoked_at = now() - interval '6 minutes' where id = ${made.id}`;
  expect((await restore()).json.error.message).toContain('more than five minutes');
});

test('what runs here is told without its secrets', async () => {
  const { json, text } = await admin.call('GET', '/api/settings', viewer());
  const value = (name: string) => json.settings.find((one: { name: string }) => one.name === name)?.value;
  expect([value('OFFPEAK_ROLE'), value('OFFPEAK_LOG_RETENTION')]).toEqual(['all', '90d']);
  expect(json.upstreamKeys).toContain('second');
  const { config } = admin.deps;
  const secrets = [...config.upstreamKeys.values(), config.adminToken, config.secretKey, config.apiKey];
  for (const secret of secrets.filter((one) => one !== null)) expect(text).not.toContain(secret);
});

test('batches by when they were made and how many items they had', async () => {
  const { json } = await admin.call('GET', `/api/batches/history?${range}&bucket=1h`, viewer());
  expect(json.buckets).toHaveLength(24);
  expect(json.sizes.map(({ from, to }: { from: number; to: number | null }) => [from, to]).at(-1)).toEqual([
    10_000,
    null,
  ]);
});
