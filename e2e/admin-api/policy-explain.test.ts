// biome-ignore-all lint/suspicious/noThenProperty: the document's own word
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { uuidV7 } from '@/lib/core/ids';
import { Ingest } from '@/lib/store/ingest';
import { seedShippedPrices } from '@/lib/store/prices';
import { closedRecord, openedRecord } from '@/lib/testing/records';
import { type AdminProcess, adminProcess } from './admin-process';

let admin: AdminProcess;
beforeAll(async () => {
  admin = await adminProcess();
  await seedShippedPrices(admin.deps.pools.admin);
  await admin.deps.announce('prices');
});
afterAll(() => admin.stop());

const BODY = {
  model: 'claude-opus-5-5',
  max_tokens: 100,
  messages: [{ role: 'user', content: 'How long is a piece of string?' }],
};
const NIGHTLY = {
  rules: [
    {
      id: 'off',
      name: 'Off',
      enabled: false,
      when: {},
      then: { lane: 'sync' },
    },
    {
      id: 'nightly',
      name: 'Nightly jobs',
      enabled: true,
      when: {
        all: [
          { field: 'tag.job', op: 'eq', value: 'nightly' },
          { not: { field: 'client', op: 'eq', value: 'claude-code' } },
          { field: 'tolerance', op: 'gte', value: '10m' },
        ],
      },
      then: { lane: 'batch', deadline: '2h' },
    },
  ],
  default: { lane: 'sync' },
};

async function explain(body: object, status = 200) {
  const answer = await admin.call('POST', '/api/policy/explain', { token: admin.tokens.viewer, body });
  expect(answer.status, answer.text).toBe(status);
  return answer.json;
}

describe('a call that might be made', () => {
  test('the policy in force decides it, with the facts that it saw', async () => {
    const explained = await explain({ body: BODY, tolerance: '10m', tags: { job: 'nightly' } });
    expect(explained).toMatchObject({
      lane: 'sync',
      rule: 'can-wait',
      policyVersion: 1,
      trace: [{ rule: 'can-wait', enabled: true, matched: true, rollout: null }],
      facts: {
        model: 'claude-opus-5-5',
        toleranceMs: 600_000,
        tags: { job: 'nightly' },
        maxTokens: 100,
        stream: false,
      },
    });
    expect(['not_measured', 'explore', 'lane_down']).toContain(explained.because);
  });

  test('a draft decides it, each condition in its place with what the call has', async () => {
    const explained = await explain({ body: BODY, document: NIGHTLY, tolerance: '10m', tags: { job: 'nightly' } });
    expect(explained.policyVersion).toBeNull();
    expect(explained.trace).toEqual([
      { rule: 'off', enabled: false, matched: false, rollout: null, conditions: { result: true } },
      {
        rule: 'nightly',
        enabled: true,
        matched: true,
        rollout: null,
        conditions: {
          result: true,
          all: [
            { field: 'tag.job', op: 'eq', value: 'nightly', actual: 'nightly', result: true },
            { not: { field: 'client', op: 'eq', value: 'claude-code', actual: 'other', result: false }, result: true },
            { field: 'tolerance', op: 'gte', value: '10m', actual: '10m', result: true },
          ],
        },
      },
    ]);
  });

  test('of what was measured the fields that a rule can name, and no more', async () => {
    const { facts } = await explain({ body: BODY });
    expect(Object.keys(facts).filter((name) => /^(batch|sync|spend)/.test(name))).toEqual([
      'batchP50',
      'batchP90',
      'batchP95',
      'batchSamples',
      'batchBacklog',
      'syncP95',
      'spendToday',
    ]);
    expect(Object.keys(facts)).toHaveLength(21);
  });

  test('what one call costs in each lane, whatever was decided', async () => {
    const { costUsd, prediction } = await explain({ body: BODY, headers: { 'x-offpeak-lane': 'sync' } });
    expect(prediction).toBeNull();
    expect(Number(costUsd.sync)).toBeGreaterThan(0);
    expect(await explain({ body: { ...BODY, model: 'unheard-of' } })).toMatchObject({
      costUsd: { sync: null, batch: null },
    });
  });

  test('a key lends its name, tolerance and tags', async () => {
    const key = { name: 'evals', tolerance: '1h', tags: { job: 'nightly' } };
    await admin.call('POST', '/api/keys', { token: admin.tokens.operator, body: key });
    const { facts } = await explain({ body: BODY, key: 'evals', tags: { job: 'other', team: 'search' } });
    expect(facts).toMatchObject({ key: 'evals', toleranceMs: 3_600_000, tags: { job: 'nightly', team: 'search' } });
    expect((await explain({ body: BODY, key: 'nobody' }, 400)).error.message).toContain('key');
  });

  test.each<[string, object, number, string]>([
    ['neither body nor request', {}, 400, 'body'],
    ['both', { body: BODY, requestId: 'opr_x' }, 400, 'requestId'],
    ['a tolerance that is none', { body: BODY, tolerance: 'soon' }, 400, 'x-offpeak-tolerance'],
    [
      'a header of ours that is malformed',
      { body: BODY, headers: { 'X-Offpeak-Lane': 'batch' } },
      400,
      'x-offpeak-lane',
    ],
    ['a tag that is none', { body: BODY, tags: { JOB: 'x' } }, 400, 'x-offpeak-tags'],
    ['a document with faults', { body: BODY, document: { rules: [{}] } }, 422, 'faults'],
    [
      'a request that does not exist',
      { requestId: 'opr_0197a1b2-0000-7000-8000-000000000001' },
      404,
      'No such request',
    ],
    ['no id at all', { requestId: "'; drop table requests" }, 404, 'No such request'],
    ['an unknown part', { body: BODY, wish: 1 }, 422, 'wish'],
  ])('refuses %s', async (_, body, status, named) => {
    const answer = await explain(body, status);
    expect(JSON.stringify(answer)).toContain(named);
  });

  test('a long prompt is explained as well', async () => {
    const long = { ...BODY, system: 'All of the code base. '.repeat(150_000) };
    const { facts } = await explain({ body: long });
    expect(facts.inputTokens).toBeGreaterThan(800_000);
  });

  test('a body of any shape gets an answer', async () => {
    for (const body of [null, 1, 'text', [], { model: 7 }, { model: 'm', messages: {} }]) {
      expect((await explain({ body, document: { rules: [], default: { lane: 'batch' } } })).lane).toBe('sync');
    }
  });
});

describe('a call of the log', () => {
  const DECIDED = {
    optedOut: false,
    ineligible: null,
    laneDown: false,
    prefix: null,
    headers: { 'x-team': 'search' },
    estimateId: null,
    batchBacklog: 0,
    syncP95: null,
    spendToday: null,
    syncNeedMs: 5_000,
    expectedOutput: 100,
    patienceMs: null,
  };

  async function logged(over: Parameters<typeof openedRecord>[0]): Promise<string> {
    const id = uuidV7(Date.now(), randomBytes(10));
    const opened = openedRecord({ id, upstream: 'https://api.test', simulated: false, ...over });
    await new Ingest(admin.deps.pools.hot).write([{ opened, closed: closedRecord(opened) }]);
    return `opr_${id}`;
  }

  test('is decided by what was known then', async () => {
    const requestId = await logged({ tags: { job: 'nightly' }, toleranceMs: 600_000, facts: DECIDED });
    const { lane, batching } = await explain({ requestId, document: NIGHTLY });
    expect({ lane, batching }).toEqual({
      lane: 'batch',
      batching: { deadlineMs: 600_000, escalate: true, windowMs: 5_000, maxItems: 1_000 },
    });
  });

  test('a header that was logged is known, another one is not guessed', async () => {
    const requestId = await logged({ facts: DECIDED });
    const asking = (field: string) => ({
      requestId,
      document: {
        rules: [
          { id: 'h', name: '', enabled: true, when: { field, op: 'eq', value: 'search' }, then: { lane: 'batch' } },
        ],
        default: { lane: 'sync' },
      },
    });
    expect((await explain(asking('header.x-team'))).rule).toBe('h');
    expect((await explain(asking('header.x-other'), 400)).error.message).toContain('x-other');
  });

  test('one whose decision was not stored says so', async () => {
    expect((await explain({ requestId: await logged({}) }, 400)).error.message).toContain('not stored');
  });
});
