import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readBill } from './read-bill';

const usageReport = {
  data: [
    {
      starting_at: '2026-11-20T00:00:00Z',
      ending_at: '2026-11-21T00:00:00Z',
      results: [
        {
          uncached_input_tokens: 100,
          cache_creation: { ephemeral_1h_input_tokens: 3, ephemeral_5m_input_tokens: 4 },
          cache_read_input_tokens: 50,
          output_tokens: 20,
          server_tool_use: { web_search_requests: 1 },
          api_key_id: 'apikey_1',
          workspace_id: null,
          model: 'claude-haiku-4-5-20251001',
          service_tier: 'batch',
          context_window: '0-200k',
        },
        { uncached_input_tokens: 1, output_tokens: 2, model: 'claude-haiku-4-5', service_tier: 'batch' },
        { uncached_input_tokens: 7, output_tokens: 8, model: 'claude-haiku-4-5', service_tier: 'standard' },
      ],
    },
    { starting_at: '2026-11-21T00:00:00Z', ending_at: '2026-11-22T00:00:00Z', results: [] },
  ],
  has_more: false,
  next_page: null,
};

const costReport = {
  data: [
    {
      starting_at: '2026-11-20T23:00:00-02:00',
      results: [
        { amount: '123.78912', currency: 'USD', model: 'claude-opus-5-5', service_tier: 'batch', cost_type: 'tokens' },
        { amount: '0.00000000005', currency: 'USD', model: 'claude-opus-5-5', service_tier: 'batch' },
        { amount: '-10', currency: 'USD', model: null, service_tier: null, description: 'Credit' },
      ],
    },
  ],
  has_more: false,
};

const USAGE_CSV = [
  'usage_date_utc,model_version,api_key,workspace,usage_type,context_window,usage_input_tokens_no_cache,usage_input_tokens_cache_write_5m,usage_input_tokens_cache_write_1h,usage_input_tokens_cache_read,usage_output_tokens,web_search_count',
  '2026-11-20,claude-opus-5-5,"a, ""b""",Default,batch,≤ 200k,100,1,2,30,4,0',
  '2026-11-20,claude-opus-5-5,other,Default,batch,≤ 200k,1,0,0,0,1,0',
  '',
  '2026-11-22,claude-opus-5-5,other,Default,standard,≤ 200k,5,0,0,0,6,0',
].join('\r\n');

const COST_CSV = `\uFEFFusage_date_utc,model,workspace,api_key,usage_type,context_window,token_type,cost_usd,list_price_usd,cost_type
2026-11-20,Claude Haiku 4.5,Default,k,message,≤ 200k,input_no_cache,0.05,0.05,token
2026-11-20,Claude Haiku 4.5,Default,k,message,≤ 200k,output,0.0212345678901,0.02,token
2026-11-20,Claude Haiku 4.5,Default,k,batch,≤ 200k,output,1.5,3,token
`;

function lines(text: string) {
  const bill = readBill(text);
  if ('at' in bill) throw new Error(`${bill.at}: ${bill.message}`);
  return bill;
}

test('the usage report: hours and keys are added up by day, model and tier; release dates do not part a model', () => {
  const { kind, format, firstDay, lastDay, lines: read } = lines(JSON.stringify(usageReport));
  expect([kind, format, firstDay, lastDay]).toEqual(['usage', 'usage_report', '2026-11-20', '2026-11-21']);
  const line = { day: '2026-11-20', model: 'claude-haiku-4-5', cacheRead: 0, cacheWrite: 0, costPico: 0n };
  expect(read).toEqual([
    { ...line, tier: 'batch', input: 101, output: 22, cacheRead: 50, cacheWrite: 7 },
    { ...line, tier: 'standard', input: 7, output: 8 },
  ]);
});

test('the cost report: amounts are cents, days UTC', () => {
  const { kind, firstDay, lines: read } = lines(JSON.stringify([{ ...costReport, has_more: true }, costReport]));
  expect([kind, firstDay]).toEqual(['cost', '2026-11-21']);
  expect(read.map(({ model, tier, costPico }) => [model, tier, costPico])).toEqual([
    ['', '', -200_000_000_000n],
    // 1.2378912 USD and half a picodollar, twice; the half is rounded up.
    ['claude-opus-5-5', 'batch', 2n * (1_237_891_200_000n + 1n)],
  ]);
});

test('the Console’s usage CSV', () => {
  const { format, firstDay, lastDay, lines: read } = lines(USAGE_CSV);
  expect([format, firstDay, lastDay]).toEqual(['usage_csv', '2026-11-20', '2026-11-22']);
  const line = { model: 'claude-opus-5-5', costPico: 0n };
  expect(read).toEqual([
    { ...line, day: '2026-11-20', tier: 'batch', input: 101, output: 5, cacheRead: 30, cacheWrite: 3 },
    { ...line, day: '2026-11-22', tier: 'standard', input: 5, output: 6, cacheRead: 0, cacheWrite: 0 },
  ]);
});

test('the Console’s cost CSV: its names of models are the API’s', () => {
  const { format, lines: read } = lines(COST_CSV);
  expect(format).toBe('cost_csv');
  expect(read.map(({ model, tier, costPico }) => [model, tier, costPico])).toEqual([
    ['claude-haiku-4-5', 'batch', 1_500_000_000_000n],
    ['claude-haiku-4-5', 'standard', 71_234_567_890n],
  ]);
});

describe('a fault is named with its place', () => {
  const usage = (over: object) => {
    const [bucket] = usageReport.data;
    return JSON.stringify({ data: [{ ...bucket, results: [{ ...bucket?.results[0], ...over }] }] });
  };
  test.each<[string, string, string, RegExp]>([
    ['nothing', '  \n ', 'file', /is empty/],
    ['another file', 'a,b\n1,2\n', 'line 1', /usage_date_utc and usage_input_tokens_no_cache and usage_output_tokens/],
    ['a header alone', 'usage_date_utc,cost_usd\n', 'file', /no row/],
    ['no money', 'usage_date_utc,cost_usd\n2026-11-20,1\n2026-11-21,much', 'line 3, cost_usd', /"much" is no decimal/],
    ['no such day', 'usage_date_utc,cost_usd\n2026-11-31,1', 'line 2, usage_date_utc', /"2026-11-31" is no day/],
    ['more cells', 'usage_date_utc,cost_usd\n2026-11-20,1,5', 'line 2', /3 cells where the header has 2/],
    ['an open quote', 'usage_date_utc,cost_usd\n\n"2026-11-20,1', 'line 3', /quoted cell that never ends/],
    ['half a JSON', '{"data": [', 'file', /is no JSON/],
    ['no data', '{"results": []}', 'data', /must be a list/],
    ['no results', '{"data": [{"starting_at":"2026-11-20T00:00:00Z","results":[]}]}', 'file', /holds no result/],
    ['a page of several', JSON.stringify({ ...usageReport, has_more: true }), 'has_more', /not the last page/],
    ['fractions', usage({ output_tokens: 1.5 }), 'data[0].results[0].output_tokens', /1.5 is no whole number/],
    ['less than none', usage({ output_tokens: -1 }), 'data[0].results[0].output_tokens', /-1 is no whole/],
    ['euros', JSON.stringify(costReport).replace('"USD"', '"EUR"'), 'data[0].results[0].currency', /is not USD/],
    [
      'both reports',
      JSON.stringify([usageReport, costReport]),
      '[1].data[0].results[0]',
      /of usage where others are of cost/,
    ],
  ])('%s', (_, text, at, message) => {
    expect(readBill(text)).toEqual({ at, message: expect.stringMatching(message) });
  });
});

test('whatever a file holds, it is read or refused', () => {
  const cells = fc.array(
    fc.array(fc.string(), { maxLength: 4 }).map((row) => row.join(',')),
    { maxLength: 6 },
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        cells.map((rows) => rows.join('\n')),
        fc.json(),
      ),
      (text) => {
        for (const one of [
          text,
          `usage_date_utc,cost_usd\n${text}`,
          `{"data":[{"starting_at":"2026-11-20","results":${text}}]}`,
        ]) {
          const bill = readBill(one);
          expect('at' in bill ? bill.message.length > 0 : bill.firstDay <= bill.lastDay).toBe(true);
        }
      },
    ),
  );
});
