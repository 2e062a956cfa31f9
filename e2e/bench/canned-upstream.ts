import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * The leanest upstream that still looks like the Messages API: the same answer every time, so that what a bench
 * compares is the proxies before it. Runs in its own process; prints its port.
 */
const usage = { input_tokens: 25, output_tokens: 120, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 };
const text = 'Batches are cheap and slow. '.repeat(20);
const message = {
  id: 'msg_bench',
  type: 'message',
  role: 'assistant',
  model: 'claude-sonnet-5-5',
  content: [{ type: 'text', text, citations: null }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage,
};
const json = Buffer.from(JSON.stringify(message));

const event = (data: { type: string }) => `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
const sse = [
  event({ type: 'message_start', message: { ...message, content: [], stop_reason: null } } as { type: string }),
  event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } } as { type: string }),
  ...Array.from({ length: 20 }, () =>
    event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: text.slice(0, 28) } } as {
      type: string;
    }),
  ),
  event({ type: 'content_block_stop', index: 0 } as { type: string }),
  event({ type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage } as { type: string }),
  event({ type: 'message_stop' }),
].map((chunk) => Buffer.from(chunk));

const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const wantsStream = Buffer.concat(chunks).includes('"stream":true');
    response.setHeader('request-id', 'req_bench');
    if (!wantsStream) {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': json.length });
      return response.end(json);
    }
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
    for (const chunk of sse) response.write(chunk);
    return response.end();
  });
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
