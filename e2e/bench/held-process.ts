import { connect } from 'node:net';

/**
 * Opens many connections and makes one call on each; its own process, so that it measures Offpeak and not itself. Prints
 * one JSON line when all calls are sent and one when all are answered: `{sent}`, then `{answered, resets, other, doneAt}`
 * with Unix ms of every whole answer.
 */
const { port, key, calls, perSecond } = JSON.parse(process.argv[2] ?? '{}') as {
  port: number;
  key: string;
  calls: number;
  perSecond: number;
};
const doneAt: number[] = [];
let resets = 0;
let other = 0;
let sent = 0;

function one(i: number): Promise<void> {
  const body = JSON.stringify({
    model: 'claude-sonnet-5-5',
    max_tokens: 64,
    messages: [{ role: 'user', content: `Held call ${i}` }],
  });
  return new Promise((resolve) => {
    let text = '';
    const socket = connect({ port, host: '127.0.0.1' }, () => {
      socket.write(
        `POST /v1/messages HTTP/1.1\r\nhost: localhost\r\nx-api-key: ${key}\r\nanthropic-version: 2023-06-01\r\n` +
          `x-stainless-timeout: 600\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      );
      sent++;
      if (sent === calls) process.stdout.write(`${JSON.stringify({ sent })}\n`);
    });
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
    });
    socket.on('error', () => undefined);
    socket.on('close', (hadError) => {
      if (hadError || text === '') resets++;
      else if (text.startsWith('HTTP/1.1 200') && text.includes('"type":"message"')) doneAt.push(Date.now());
      else other++;
      resolve();
    });
  });
}

const all: Promise<void>[] = [];
for (let i = 0; i < calls; i++) {
  all.push(one(i));
  if (i % Math.ceil(perSecond / 20) === 0) await new Promise((resolve) => setTimeout(resolve, 50));
}
await Promise.all(all);
process.stdout.write(`${JSON.stringify({ answered: doneAt.length, resets, other, doneAt })}\n`);
