import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RequestRow } from '@/lib/contract/requests';
import { requestId, type Uuid, uuidFloor } from '@/lib/core/ids';
import type { ClosedRecord, OpenedRecord } from '@/lib/core/request-record';
import { PLAIN_KEY } from '@/lib/testing/plain-key';
import { attemptRecord, closedRecord, openedRecord } from '@/lib/testing/records';
import { type TestDatabase, testDatabase } from '@/lib/testing/test-database';
import { Ingest } from './ingest';
import { createKey, type NewKey } from './keys';
import type { LoggedRequest } from './log-row';
import type { RequestFilter } from './request-filter';
import { parseSearch } from './request-search';
import { findRequest, firstRequestAt, listRequests } from './requests';

const upstream = { origin: 'https://api.test', simulated: false };
const at = (text: string) => Date.parse(`2026-11-${text}Z`);
let database: TestDatabase;
/** By the names under which the tests speak of them. */
const ids = new Map<string, Uuid>();

const all: RequestFilter = {
  range: { from: new Date(at('20T00:00:00')), to: new Date(at('23T00:00:00')) },
  models: [],
  lanes: [],
  rules: [],
  keys: [],
  tags: [],
  states: [],
  served: [],
  errors: [],
  endpoints: [],
  search: null,
};

function made(name: string, opened: Partial<OpenedRecord>, closed: Partial<ClosedRecord> = {}): LoggedRequest {
  const record = openedRecord(opened);
  ids.set(name, record.id);
  return { opened: record, closed: closedRecord(record, closed) };
}

async function list(
  filter: Partial<RequestFilter>,
  open: OpenedRecord[] = [],
  page = { cursor: null as Uuid | null, limit: 50 },
) {
  return listRequests(database.pools.analytics, { upstream, filter: { ...all, ...filter }, open, page });
}

async function names(filter: Partial<RequestFilter>, open: OpenedRecord[] = []): Promise<string[]> {
  const { rows } = await list(filter, open);
  const nameOf = new Map([...ids].map(([name, id]) => [requestId(id) as string, name]));
  return rows.map((row) => nameOf.get(row.id) ?? row.id);
}

beforeAll(async () => {
  database = await testDatabase();
  const key: NewKey = {
    ...PLAIN_KEY,
    name: 'nightly_job',
    secretHmac: 'hmac',
    prefix: 'opk_abcd',
    last4: 'wxyz',
    createdBy: 'admin',
  };
  const created = await createKey(database.pools.admin, key);
  if (created === 'name_taken') throw new Error('unexpected');
  const keyId = created.id as Uuid;
  const failed = { state: 'failed', httpStatus: 529, errorType: 'overloaded_error', attempts: [] } as const;
  await new Ingest(database.pools.hot).write([
    made('sonnet', { arrivedAt: at('20T10:00:00'), keyId, tags: { team: 'search' } }, { upstreamRequestId: 'req_A' }),
    made('opus', { arrivedAt: at('20T11:00:00'), model: 'claude-opus-5-5', rule: 'night-batch' }, failed),
    made(
      'percent',
      { arrivedAt: at('21T10:00:00'), model: '100%_sure\\' },
      { attempts: [attemptRecord({ messageId: 'msg_B' })] },
    ),
    made('counted', { arrivedAt: at('21T11:00:00'), endpoint: 'count_tokens' }, { upstreamRequestId: 'req_C' }),
    made(
      'unpriced',
      { arrivedAt: at('22T10:00:00'), model: 'mystery', sessionId: '7f9c2ba4-e88f-4f0b-9d4b-0d2f6d3a1c55' },
      {
        attempts: [attemptRecord({ costPico: null })],
      },
    ),
    made(
      'wasteful',
      { arrivedAt: at('22T11:00:00'), tags: { team: 'ads', job: 'x' }, lane: 'batch' },
      {
        attempts: [
          attemptRecord({ key: '1', costPico: '3', delivered: false, startedAt: at('22T11:00:01') }),
          attemptRecord({ key: '2', costPico: '4', startedAt: at('22T11:00:02') }),
        ],
      },
    ),
    made('elsewhere', { arrivedAt: at('22T12:00:00'), upstream: 'http://simulator', simulated: true }),
  ]);
});
afterAll(() => database.drop());

describe('the list', () => {
  test('is newest first, messages of this upstream alone', async () => {
    expect(await names({})).toEqual(['wasteful', 'unpriced', 'percent', 'opus', 'sonnet']);
  });

  test.each<[string, Partial<RequestFilter>, string[]]>([
    ['model', { models: ['claude-opus-5-5', 'mystery'] }, ['unpriced', 'opus']],
    ['model by prefix', { models: ['claude-*'] }, ['wasteful', 'opus', 'sonnet']],
    ['a literal percent sign in a prefix', { models: ['100%_*'] }, ['percent']],
    ['no pattern in a prefix', { models: ['%*', '_*'] }, []],
    ['lane', { lanes: ['batch'] }, ['wasteful']],
    ['rule', { rules: ['night-batch'] }, ['opus']],
    ['rule by prefix', { rules: ['night*'] }, ['opus']],
    ['key', { keys: ['nightly_job'] }, ['sonnet']],
    ['key by prefix', { keys: ['nightly*'] }, ['sonnet']],
    ['unknown key', { keys: ['nobody'] }, []],
    ['tags are alternatives', { tags: ['team=search', 'job=x'] }, ['wasteful', 'sonnet']],
    ['state', { states: ['failed'] }, ['opus']],
    ['states under way', { states: ['running', 'waiting'] }, []],
    ['endpoint', { endpoints: ['count_tokens'] }, ['counted']],
    ['filters together', { models: ['claude-*'], states: ['succeeded'], lanes: ['sync'] }, ['sonnet']],
    [
      'from inclusive, to exclusive',
      { range: { from: new Date(at('20T11:00:00')), to: new Date(at('21T10:00:00')) } },
      ['opus'],
    ],
    ['text: start of a model', { search: parseSearch('CLAUDE-O') }, ['opus']],
    ['text: start of a rule', { search: parseSearch('night-b') }, ['opus']],
    ['text: start of a key', { search: parseSearch('nightly_j') }, ['sonnet']],
    ['text: start of an error type', { search: parseSearch('overl') }, ['opus']],
    ['text is no pattern', { search: parseSearch('%') }, []],
    ['upstream request id', { search: parseSearch('req_A') }, ['sonnet']],
    ['an id finds any endpoint', { search: parseSearch('req_C') }, ['counted']],
    ['message id', { search: parseSearch('msg_B') }, ['percent']],
    ['unknown message id', { search: parseSearch('msg_none') }, []],
    ['batch id', { search: parseSearch('msgbatch_none') }, []],
    ['session id', { search: parseSearch('7F9C2BA4-e88f-4f0b-9d4b-0d2f6d3a1c55') }, ['unpriced']],
  ])('filters by %s', async (_, filter, expected) => {
    expect(await names(filter)).toEqual(expected);
  });

  test('our own id is found whatever the range', async () => {
    const range = { from: new Date(at('01T00:00:00')), to: new Date(at('02T00:00:00')) };
    for (const text of [
      requestId(ids.get('opus')!),
      ids.get('opus')!,
      ` ${requestId(ids.get('opus')!).toUpperCase().replace('OPR', 'opr')} `,
    ]) {
      expect(await names({ range, search: parseSearch(text) })).toEqual(['opus']);
    }
  });

  test('pages through everything once, with running requests in their places', async () => {
    const open = ['20T10:30:00', '22T10:30:00', '22T13:00:00'].map((moment) => openedRecord({ arrivedAt: at(moment) }));
    const seen: RequestRow[] = [];
    for (let cursor: Uuid | null = null, pages = 0; pages < 10; pages++) {
      const page = await list({}, open, { cursor, limit: 3 });
      expect(page.rows.length).toBeLessThanOrEqual(3);
      seen.push(...page.rows);
      if (!page.nextCursor) break;
      expect(page.nextCursor).toBe(page.rows.at(-1)?.id);
      cursor = page.nextCursor.slice(4) as Uuid;
    }
    expect(seen.map((row) => row.arrivedAt.slice(8, 16))).toEqual([
      '22T13:00',
      '22T11:00',
      '22T10:30',
      '22T10:00',
      '21T10:00',
      '20T11:00',
      '20T10:30',
      '20T10:00',
    ]);
    expect(seen.filter((row) => row.state === 'running')).toHaveLength(3);
  });

  test('a request that is open and logged is shown once, as logged', async () => {
    const open = [openedRecord({ id: ids.get('opus')!, arrivedAt: at('20T11:00:00') })];
    const { rows } = await list({}, open);
    expect(rows).toHaveLength(5);
    expect(rows.find((row) => row.id === requestId(ids.get('opus')!))?.state).toBe('failed');
  });

  test('running requests obey the filters', async () => {
    const open = [
      openedRecord({ arrivedAt: at('22T13:00:00'), tags: { team: 'search' }, model: 'claude-running' }),
      openedRecord({ arrivedAt: at('22T13:00:01'), endpoint: 'models' }),
      openedRecord({ arrivedAt: at('22T13:00:02'), upstream: 'http://simulator', simulated: true }),
      openedRecord({ arrivedAt: at('23T13:00:00') }),
    ];
    const count = async (filter: Partial<RequestFilter>) =>
      (await list(filter, open)).rows.filter((row) => row.state === 'running').length;
    expect(await count({})).toBe(1);
    expect(await count({ states: ['running'] })).toBe(1);
    expect(await count({ states: ['failed'] })).toBe(0);
    expect(await count({ tags: ['team=search'] })).toBe(1);
    expect(await count({ tags: ['constructor=x', '__proto__=y'] })).toBe(0);
    expect(await count({ models: ['claude-r*'] })).toBe(1);
    expect(await count({ models: ['claude-r'] })).toBe(0);
    expect(await count({ keys: ['nightly_job'] })).toBe(0);
    expect(await count({ search: parseSearch('Claude-RUN') })).toBe(1);
    expect(await count({ search: parseSearch(requestId(open[1]!.id)) })).toBe(1);
    expect(await count({ endpoints: ['models'] })).toBe(1);
  });

  test('shows money as plain decimals, and none where a price is missing', async () => {
    const { rows } = await list({});
    const wasteful = rows.find((row) => row.id === requestId(ids.get('wasteful')!));
    expect(wasteful).toMatchObject({
      costUsd: '0.000000000007',
      syncCostUsd: '0.000000000004',
      wasteUsd: '0.000000000003',
    });
    const unpriced = rows.find((row) => row.model === 'mystery');
    expect(unpriced).toMatchObject({ costUsd: null, syncCostUsd: null, wasteUsd: null });
    expect(unpriced?.usage).toEqual({ input_tokens: 10, output_tokens: 20 });
  });

  test('whatever text comes in, no statement breaks and nothing is found by accident', async () => {
    const hostile = fc.oneof(
      fc.constantFrom(
        "' or '1'='1",
        "'); drop table requests; --",
        '__proto__',
        'constructor',
        '\\',
        '%%',
        '_',
        '*',
        '$1',
      ),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }).filter((text) => !text.includes('\0')),
    );
    await fc.assert(
      fc.asyncProperty(hostile, async (text) => {
        const word = `\u{10ffff}${text}`;
        expect(await names({ models: [word, text.replace(/\*+$/, '') || 'x'] })).toEqual([]);
        expect(await names({ keys: [word], rules: [`${word}*`] })).toEqual([]);
        expect(await names({ tags: [`${word}=${text}`] })).toEqual([]);
        expect(await names({ search: parseSearch(word) })).toEqual([]);
      }),
      { numRuns: 60 },
    );
    expect(await names({})).toHaveLength(5);
  });
});

describe('one request', () => {
  test('comes with what the decision saw and its attempts, in order', async () => {
    const detail = await findRequest(database.pools.analytics, ids.get('wasteful')!, []);
    expect(detail?.request.lane).toBe('batch');
    expect(detail?.facts).toMatchObject({ inputTokens: 10, maxTokens: 100, hasTools: false });
    expect(detail?.attempts.map(({ key, costUsd, delivered }) => [key, costUsd, delivered])).toEqual([
      ['1', '0.000000000003', false],
      ['2', '0.000000000004', true],
    ]);
    expect(detail?.request.key).toBeNull();
  });

  test('of another upstream says so; one under way is found; an unknown one is not', async () => {
    const elsewhere = await findRequest(database.pools.analytics, ids.get('elsewhere')!, []);
    expect(elsewhere?.request.simulated).toBe(true);
    const open = openedRecord({ arrivedAt: at('22T14:00:00'), toleranceMs: 600_000 });
    const running = await findRequest(database.pools.analytics, open.id, [open]);
    expect(running).toMatchObject({
      request: { state: 'running', costUsd: null },
      facts: { toleranceMs: 600_000 },
      attempts: [],
    });
    expect(await findRequest(database.pools.analytics, uuidFloor(0), [])).toBeNull();
  });
});

test('the first request is told per upstream', async () => {
  expect(await firstRequestAt(database.pools.analytics, upstream)).toEqual(new Date(at('20T10:00:00')));
  expect(await firstRequestAt(database.pools.analytics, { origin: 'http://new', simulated: false })).toBeNull();
  // The simulator has a new port after each start, and is the same upstream all the same.
  const simulator = { origin: 'http://simulator:2', simulated: true };
  expect(await firstRequestAt(database.pools.analytics, simulator)).toEqual(new Date(at('22T12:00:00')));
});
