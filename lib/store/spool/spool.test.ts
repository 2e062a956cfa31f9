import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { LoggedRequest } from '@/lib/store/log-row';
import { closedRecord, openedRecord } from '@/lib/testing/records';
import { SpoolShipper } from './spool-shipper';
import { listSegments, SpoolWriter, segmentPath } from './spool-writer';

let folder: string;
let shippers: SpoolShipper[];
const dropped: string[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'offpeak-spool-'));
  shippers = [];
  dropped.length = 0;
});
afterEach(async () => {
  for (const shipper of shippers) await shipper.stop();
  rmSync(folder, { recursive: true });
});

function openWriter(over: { capBytes?: number; segmentBytes?: number } = {}) {
  return new SpoolWriter({ folder, capBytes: 1e9, onDropped: (reason) => dropped.push(reason), ...over });
}

/** Postgres as a list; `broken` makes it refuse. */
function ship(writer: SpoolWriter, isBusy = () => false) {
  const rows = new Map<string, LoggedRequest>();
  const postgres = { broken: null as Error | null, poison: '' };
  const errors: unknown[] = [];
  const shipper = new SpoolShipper({
    writer,
    lingerMs: 1,
    isBusy,
    async write(batch) {
      if (postgres.broken) throw postgres.broken;
      if (batch.some((one) => one.opened.id === postgres.poison))
        throw Object.assign(new Error('bad'), { code: '22P05' });
      for (const one of batch) if (!rows.has(one.opened.id)) rows.set(one.opened.id, one);
    },
    forget: () => undefined,
    onError: (error) => errors.push(error),
    onRejected: (error) => errors.push(error),
  });
  shippers.push(shipper);
  shipper.start();
  return { rows, postgres, errors, shipper };
}

function record(writer: SpoolWriter, close = true) {
  const opened = openedRecord();
  writer.opened(opened);
  if (close) writer.closed(closedRecord(opened));
  return opened;
}

test('finished requests arrive; open ones wait for their end', async () => {
  const writer = openWriter();
  const { rows, shipper } = ship(writer);
  const done = record(writer);
  const open = record(writer, false);
  await vi.waitFor(() => expect([...rows.keys()]).toEqual([done.id]));
  expect(shipper.openRecords().map(({ id }) => id)).toEqual([open.id]);
  writer.closed(closedRecord(open, { state: 'aborted' }));
  await vi.waitFor(() => expect(rows.get(open.id)?.closed.state).toBe('aborted'));
});

test('both records of a request in one write are as good as two', async () => {
  const writer = openWriter({ capBytes: 1_000 });
  const { rows } = ship(writer);
  const opened = openedRecord();
  expect(writer.whole(opened, closedRecord(opened))).toBe(true);
  await vi.waitFor(() => expect([...rows.keys()]).toEqual([opened.id]));
  while (writer.bytes < 1_000) record(writer);
  const before = rows.size;
  expect(writer.whole(openedRecord(), closedRecord(openedRecord()))).toBe(false);
  expect([dropped.at(-1), rows.size]).toEqual(['full', before]);
});

test('the log yields to callers that are answered by the hundred, and comes after them', async () => {
  let isBusy = true;
  const writer = openWriter();
  const { rows } = ship(writer, () => isBusy);
  const { id } = record(writer);
  await new Promise((resolve) => setTimeout(resolve, 150));
  expect(rows.size).toBe(0);
  isBusy = false;
  await vi.waitFor(() => expect([...rows.keys()]).toEqual([id]));
});

test('after a kill, what was finished arrives and what was open becomes interrupted', async () => {
  const killed = openWriter();
  const done = record(killed);
  const open = record(killed, false);
  killed.close();
  const { rows } = ship(openWriter());
  await vi.waitFor(() => expect(rows.size).toBe(2));
  expect(rows.get(done.id)?.closed.state).toBe('succeeded');
  expect(rows.get(open.id)?.closed).toMatchObject({ state: 'interrupted', latencyMs: null, attempts: [] });
});

test('a line torn by the kill costs only itself', async () => {
  const killed = openWriter();
  const done = record(killed);
  appendFileSync(segmentPath(folder, killed.current), '{"closed":{"id":"01');
  killed.close();
  const { rows } = ship(openWriter());
  await vi.waitFor(() => expect([...rows.keys()]).toEqual([done.id]));
});

test('while Postgres is away everything stays on disk, and arrives once afterwards', async () => {
  const writer = openWriter({ segmentBytes: 2_000 });
  const { rows, postgres, errors } = ship(writer);
  postgres.broken = new Error('away');
  const ids = Array.from({ length: 20 }, () => record(writer).id);
  await vi.waitFor(() => expect(errors.length).toBeGreaterThan(0));
  expect(rows.size).toBe(0);
  postgres.broken = null;
  await vi.waitFor(() => expect([...rows.keys()].sort()).toEqual([...ids].sort()), { timeout: 5_000 });
  await vi.waitFor(() => expect(listSegments(folder).map(({ number }) => number)).toEqual([writer.current]));
  expect(writer.bytes).toBe(listSegments(folder)[0]?.size);
});

test('a long call keeps its own segment and no other', async () => {
  const writer = openWriter({ segmentBytes: 2_000 });
  const { rows } = ship(writer);
  const first = writer.current;
  const long = record(writer, false);
  for (let i = 0; i < 20; i++) record(writer);
  await vi.waitFor(() => expect(listSegments(folder).map(({ number }) => number)).toEqual([first, writer.current]));
  writer.closed(closedRecord(long));
  await vi.waitFor(() => expect(rows.size).toBe(21));
});

test('a record that Postgres will never take is put aside, and the others arrive', async () => {
  const writer = openWriter();
  const { rows, postgres, errors } = ship(writer);
  const bad = openedRecord();
  postgres.poison = bad.id;
  writer.opened(bad);
  writer.closed(closedRecord(bad));
  const good = record(writer);
  await vi.waitFor(() => expect([...rows.keys()]).toEqual([good.id]));
  expect(errors).toHaveLength(1);
  expect(readFileSync(join(folder, 'rejected.jsonl'), 'utf8')).toContain(bad.id);
});

test('above its cap it refuses new requests, says so, and still closes the open ones', async () => {
  const writer = openWriter({ capBytes: 1_500 });
  const first = openedRecord();
  expect(writer.opened(first)).toBe(true);
  while (writer.opened(openedRecord())) expect(dropped).toEqual([]);
  expect(dropped).toEqual(['full']);
  expect(writer.dropped).toBe(1);
  expect(writer.closed(closedRecord(first))).toBe(true);
});

test('the cap holds: the end of a request that was not taken in is not written either', async () => {
  const writer = openWriter({ capBytes: 1_500 });
  while (writer.opened(openedRecord())) expect(dropped).toEqual([]);
  const { bytes } = writer;
  for (let count = 0; count < 50; count++) {
    const late = openedRecord();
    expect([writer.opened(late), writer.closed(closedRecord(late))]).toEqual([false, false]);
  }
  expect(writer.bytes).toBe(bytes);
  expect(writer.dropped).toBe(51);
});
