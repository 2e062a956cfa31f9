import { createInterface, type Interface } from 'node:readline';
import { Writable } from 'node:stream';

/** Somebody to ask. */
export interface Terminal {
  say(text: string): void;
  /** `null`: nobody answers any more. */
  ask(question: string, options?: { isSecret?: boolean }): Promise<string | null>;
  close(): void;
}

/** stdin and stdout. A secret is not echoed. */
export function processTerminal(): Terminal {
  let isMuted = false;
  const output = new Writable({
    write(chunk: Buffer, _, done) {
      if (!isMuted) process.stdout.write(chunk);
      done();
    },
  });
  let lines: Interface | null = null;
  let answers: AsyncIterator<string> | null = null;
  // Not before somebody is asked: while it listens, Ctrl-C comes to it alone.
  const listen = () => {
    lines = createInterface({ input: process.stdin, output, terminal: process.stdin.isTTY === true });
    lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
    return lines[Symbol.asyncIterator]();
  };
  return {
    say: (text) => void process.stdout.write(`${text}\n`),
    async ask(question, { isSecret = false } = {}) {
      process.stdout.write(question);
      isMuted = isSecret;
      answers ??= listen();
      const { value, done } = await answers.next();
      isMuted = false;
      if (isSecret || !process.stdin.isTTY) process.stdout.write('\n');
      return done ? null : String(value).trim();
    },
    close: () => lines?.close(),
  };
}
