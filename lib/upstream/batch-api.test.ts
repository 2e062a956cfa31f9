import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BatchApi, batchApi } from './batch-api';
import { Upstream } from './upstream';

const LINES = Array.from({ length: 600 }, (_, i) => `${'x'.repeat(1_000)} ${i}\n`);
const server = createServer((request, response) => {
  if (!request.url?.endsWith('/results')) return void response.writeHead(404).end();
  response.writeHead(200);
  // One HTTP chunk a line: a reader that pauses does so at the end of each.
  for (const line of LINES) response.write(line);
  response.end();
});
let upstream: Upstream;
let api: BatchApi;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  upstream = new Upstream({ baseUrl: `http://127.0.0.1:${port}`, simulated: false, credentials: new Map() });
  api = batchApi(upstream, async () => []);
});
afterAll(async () => {
  await upstream.close();
  server.close();
});

describe('results', () => {
  it('come once each, to a reader that takes its time with every chunk', async () => {
    const chunks: string[] = [];
    await api.results('key:default', 'msgbatch_1', async (chunk) => {
      await new Promise((resolve) => setImmediate(resolve));
      chunks.push(chunk.toString('utf8'));
    });
    expect(chunks.join('')).toBe(LINES.join(''));
    expect(chunks.length).toBeLessThanOrEqual(LINES.length);
  });

  it('end with what the reader throws', async () => {
    const enough = new Error('enough');
    const reading = api.results('key:default', 'msgbatch_1', async () => {
      throw enough;
    });
    await expect(reading).rejects.toBe(enough);
  });
});

it('a batch that upstream does not know is no error', async () => {
  expect(await api.retrieve('key:default', 'msgbatch_2')).toBeNull();
});
