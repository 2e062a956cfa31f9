import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Uuid } from '@/lib/core/ids';
import { Ingest } from '@/lib/store/ingest';
import { createKey } from '@/lib/store/keys';
import { lease } from '@/lib/store/lane/watching';
import { Roller } from '@/lib/store/rollups/roller';
import { writeBatch, writeItem } from '@/lib/testing/lane-rows';
import { cost, made } from '@/lib/testing/metric-sample';
import { openedRecord } from '@/lib/testing/records';
import { type TestDatabase, testDatabase } from '@/lib/testing/test-database';
import { AlertWatch } from './alert-watch';
import { alertPoster } from './post-alert';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const SECOND = 1_000;
const MINUTE = 60_000;
let database: TestDatabase;
const webhook = { texts: [] as string[], status: 200 };
const server = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  if (webhook.status === 200) webhook.texts.push((JSON.parse(body) as { text: string }).text);
  response.writeHead(webhook.status).end('ok');
});
let poster: ReturnType<typeof alertPoster>;

beforeAll(async () => {
  database = await testDatabase();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  poster = alertPoster(`http://127.0.0.1:${(server.address() as AddressInfo).port}/secret-path`, null);
});
afterAll(async () => {
  await poster.close();
  server.close();
  await database.drop();
});
beforeEach(async () => {
  webhook.texts = [];
  webhook.status = 200;
  await database.pools.hot`delete from alerts`;
  await database.pools.hot`delete from items`;
  await database.pools.hot`delete from batches`;
  await database.pools.hot`delete from lane_leases`;
});

function watch(owner = 'one', p95: number | null = null) {
  const { hot } = database.pools;
  return new AlertWatch({
    sql: hot,
    upstreamId: 1,
    origin: 'http://offpeak.test',
    post: poster.post,
    lease: (until, now) => lease(hot, 1, 'alerts', owner, until, now),
    batchP95Ms: () => p95,
  });
}

const told = () => webhook.texts.splice(0).map((text) => text.replace('Offpeak (http://offpeak.test): ', ''));

test('a lane that stands still is told of once, and told of again when it moves', async () => {
  const opened = openedRecord({ arrivedAt: NOW - 2 * MINUTE, model: 'a' });
  await writeItem(database.pools.hot, opened, { state: 'queued', answerBy: NOW + MINUTE });
  const one = watch();
  await one.turn(NOW);
  expect(told()).toEqual(['The batch lane stands still: a call has been due for a batch for 2 minutes.']);
  await one.turn(NOW + 10 * SECOND);
  expect(told()).toEqual([]);
  await database.pools.hot`update items set state = 'batched'`;
  await one.turn(NOW + 20 * SECOND);
  expect(told()).toEqual(['The batch lane moves again.']);
  await one.turn(NOW + 30 * SECOND);
  expect(told()).toEqual([]);
  await database.pools.hot`update items set state = 'queued'`;
  await one.turn(NOW + 40 * SECOND);
  expect(told()).toHaveLength(1);
});

test('an item that waits for its turn upstream is no sign of a lane that stands still', async () => {
  const opened = openedRecord({ arrivedAt: NOW - 2 * MINUTE, model: 'a' });
  await writeItem(database.pools.hot, opened, { state: 'queued', answerBy: NOW + MINUTE });
  await database.pools.hot`update items set not_before = ${new Date(NOW + MINUTE)}`;
  await watch().turn(NOW);
  expect(told()).toEqual([]);
});

test('one process tells; another takes over when it is gone', async () => {
  await writeBatch(database.pools.hot, {
    createdAt: NOW - 120 * MINUTE,
    upstreamCreatedAt: NOW - 61 * MINUTE,
    msgbatchId: 'msgbatch_late',
    model: 'm',
    items: 3,
  });
  await watch('one').turn(NOW);
  await watch('two').turn(NOW);
  expect(told()).toEqual([
    'Batch msgbatch_late of m (3 calls) has been open for 61 minutes; nothing is measured of this model yet.',
  ]);
  await database.pools.hot`update batches set state = 'ended'`;
  await watch('two').turn(NOW + 30 * SECOND);
  expect(told()).toEqual([]);
  await watch('two').turn(NOW + 2 * MINUTE);
  expect(told()).toEqual(['Batch msgbatch_late is not open any more.']);
});

test('what the webhook did not take is told later, and its address is in no error', async () => {
  await writeBatch(database.pools.hot, {
    createdAt: NOW - 90 * MINUTE,
    upstreamCreatedAt: NOW - 90 * MINUTE,
    msgbatchId: 'msgbatch_b',
  });
  webhook.status = 500;
  await expect(watch().turn(NOW)).rejects.toThrow(/^the webhook answered 500$/);
  webhook.status = 200;
  await watch().turn(NOW + 10 * SECOND);
  expect(told()).toHaveLength(1);
  const nowhere = alertPoster('http://127.0.0.1:1/secret-path', null);
  await expect(nowhere.post({ text: '' })).rejects.toThrow(/^the webhook could not be reached \(ECONNREFUSED\)$/);
  await nowhere.close();
});

test('what was over before it could be told is not told', async () => {
  await writeBatch(database.pools.hot, {
    createdAt: NOW - 90 * MINUTE,
    upstreamCreatedAt: NOW - 90 * MINUTE,
    msgbatchId: 'msgbatch_c',
  });
  webhook.status = 503;
  await expect(watch().turn(NOW)).rejects.toThrow();
  await database.pools.hot`update batches set state = 'closed'`;
  webhook.status = 200;
  await watch().turn(NOW + 10 * SECOND);
  expect(told()).toEqual([]);
  expect(await database.pools.hot`select * from alerts`).toHaveLength(0);
});

test('deadlines: what was answered late and what failed late count, what was in time does not', async () => {
  const { hot } = database.pools;
  const deadlineAt = NOW - 5 * MINUTE;
  const done = async (outcome: 'answered' | 'failed' | 'dropped', outcomeAt: number, closedAt = NOW - MINUTE) => {
    const opened = openedRecord({ arrivedAt: NOW - 15 * MINUTE, model: 'a', deadlineAt });
    await writeItem(hot, opened, { state: 'done', answerBy: deadlineAt, outcome, outcomeAt, closedAt });
  };
  await done('answered', deadlineAt - SECOND);
  await done('dropped', deadlineAt + SECOND);
  await done('answered', deadlineAt + SECOND, NOW - 11 * MINUTE);
  await watch().turn(NOW);
  expect(told()).toEqual([]);
  await done('answered', deadlineAt + SECOND);
  await done('failed', deadlineAt + 2 * SECOND);
  await watch().turn(NOW);
  expect(told()).toEqual(['2 calls had no answer by the deadline within the last 10 minutes.']);
});

test('budgets that are spent and models without a price, from what the log holds', async () => {
  const { hot, admin, rollups } = database.pools;
  const key = await createKey(admin, {
    name: 'ci',
    secretHmac: 'h',
    prefix: 'opk_abcd',
    last4: 'wxyz',
    toleranceMs: null,
    tags: {},
    batch: true,
    store: true,
    patienceMs: null,
    monthlyBudgetPico: 5_000_000_000_000n,
    upstream: 'default',
    createdBy: 'admin',
  });
  if (key === 'name_taken') throw new Error('unexpected');
  const keyId = key.id as Uuid;
  const roll = async () => {
    const roller = new Roller({ sql: rollups, now: () => NOW, monotonic: () => performance.now() });
    while ((await roller.turn()) > 0);
  };
  const ingest = new Ingest(hot);
  await ingest.write([made(new Date(NOW - MINUTE), { model: 'a', keyId }, cost('4999999999999'))]);
  await roll();
  await watch().turn(NOW);
  expect(told()).toEqual([]);
  await ingest.write([
    made(new Date(NOW - MINUTE), { model: 'a', keyId }, cost('1')),
    made(new Date(NOW - MINUTE), { model: 'claude-next' }, cost(null)),
  ]);
  await roll();
  await watch().turn(NOW);
  expect(told()).toEqual([
    'The budget of key ci for 2026-11 is spent: 5 of 5 USD. Its calls are refused until the month is over.',
    'claude-next has no price: 1 call of the last 60 minutes in no sum of money.',
  ]);
});

test('a database that is away for a while, and back', async () => {
  const one = watch();
  await one.database(false, 0);
  await one.database(true, 5 * SECOND);
  await one.database(false, 6 * SECOND);
  await one.database(false, 15 * SECOND);
  expect(told()).toEqual([]);
  await one.database(false, 16 * SECOND);
  await one.database(false, 26 * SECOND);
  expect(told()).toEqual(['Postgres does not answer: known keys go on being served, synchronously.']);
  await one.database(true, 36 * SECOND);
  await one.database(true, 46 * SECOND);
  expect(told()).toEqual(['Postgres answers again.']);
});
