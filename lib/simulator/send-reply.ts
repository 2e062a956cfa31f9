import type { ServerResponse } from 'node:http';
import { breakBody } from './break-body';
import type { Fault } from './fault-rule';
import { faultOf } from './fault-script';
import type { Reply, ReplyChunk, Settlement } from './reply';
import type { SimClock } from './sim-clock';

/**
 * Writes an answer at its pace, with whatever faults strike it, and settles it once.
 *
 * @param headers - what every answer carries; the reply's own win
 */
export function sendReply(
  response: ServerResponse,
  reply: Reply,
  headers: Readonly<Record<string, string>>,
  faults: readonly Fault[],
  clock: SimClock,
): Promise<void> | void {
  const { body } = reply;
  const waits = reply.atMs !== undefined && reply.atMs > clock.now();
  if (typeof body === 'string' && faults.length === 0 && !waits) {
    const left = response.destroyed;
    if (!left) {
      response.writeHead(reply.status, { ...headers, ...reply.headers, 'content-length': Buffer.byteLength(body) });
      response.end(body);
    }
    reply.settle?.(left ? 'aborted' : 'delivered', null);
    return;
  }
  return sendPaced(response, reply, headers, faults, clock);
}

async function sendPaced(
  response: ServerResponse,
  reply: Reply,
  headers: Readonly<Record<string, string>>,
  faults: readonly Fault[],
  clock: SimClock,
): Promise<void> {
  const gone = new AbortController();
  const leave = () => gone.abort();
  response.once('close', leave);
  let sent: number | null = null;
  const settle = (how: Settlement) => reply.settle?.(how, sent);

  const delay = faultOf(faults, 'delay');
  const startMs = Math.max(reply.atMs ?? 0, delay === undefined ? 0 : clock.now() + delay.ms);
  if (response.destroyed || !(await clock.until(startMs, gone.signal))) return settle('aborted');
  if (faultOf(faults, 'reset')?.when === 'after_work') {
    settle('broken');
    response.socket?.resetAndDestroy();
    return;
  }
  const whole = typeof reply.body === 'string';
  const chunks: readonly ReplyChunk[] = breakBody(
    typeof reply.body === 'string' ? [{ bytes: reply.body }] : reply.body,
    faults,
  );
  // A body that is going to end early is chunked: a wrong length would be another fault than the scripted one.
  const breaks = chunks.some((chunk) => chunk.then !== undefined);
  const length = whole && !breaks ? { 'content-length': Buffer.byteLength(String(reply.body)) } : {};
  let headersSent = false;
  let pending: (string | Buffer)[] = [];
  const write = makeWriter(response, faults, clock, gone.signal);
  for (const chunk of chunks) {
    const atMs = chunk.atMs ?? 0;
    if (atMs > clock.now()) {
      // What is due goes out in one write; only then the wait begins.
      if (headersSent && !(await write(pending.splice(0)))) return settle('aborted');
      if (!(await clock.until(atMs, gone.signal))) return settle('aborted');
    }
    if (!headersSent) {
      response.writeHead(reply.status, { ...headers, ...reply.headers, ...length });
      headersSent = true;
    }
    pending.push(chunk.bytes);
    if (chunk.outputTokens !== undefined) sent = chunk.outputTokens;
    if (chunk.then !== undefined) {
      await write(pending.splice(0));
      settle('broken');
      stop(response, chunk.then);
      return;
    }
    if (pending.length >= 256 && !(await write(pending.splice(0)))) return settle('aborted');
  }
  if (!headersSent) response.writeHead(reply.status, { ...headers, ...reply.headers });
  if (!(await write(pending))) return settle('aborted');
  pending = [];
  response.off('close', leave);
  response.end();
  settle('delivered');
}

function stop(response: ServerResponse, how: 'end' | 'reset' | 'silence'): void {
  if (how === 'end') response.end();
  // Bytes that were written must leave before the reset discards them.
  else if (how === 'reset') setTimeout(() => response.socket?.resetAndDestroy(), 5);
}

type Write = (parts: readonly (string | Buffer)[]) => Promise<boolean>;

/** Writes whole parts, or cut to the sizes that a fault asks for; `false` when the caller has left. */
function makeWriter(response: ServerResponse, faults: readonly Fault[], clock: SimClock, signal: AbortSignal): Write {
  const drip = faultOf(faults, 'drip');
  const split = faultOf(faults, 'split');
  const push = async (bytes: string | Buffer): Promise<boolean> => {
    if (bytes.length === 0) return !signal.aborted;
    if (!response.write(bytes)) {
      await new Promise<void>((resolve) => {
        const go = () => {
          response.off('drain', go);
          response.off('close', go);
          resolve();
        };
        response.once('drain', go);
        response.once('close', go);
      });
    }
    return !signal.aborted;
  };
  if (drip === undefined && split === undefined) {
    return (parts) => {
      const [first] = parts;
      if (first === undefined) return Promise.resolve(!signal.aborted);
      if (parts.length === 1) return push(first);
      const text = parts.every((part) => typeof part === 'string');
      return push(text ? parts.join('') : Buffer.concat(parts.map((part) => Buffer.from(part))));
    };
  }
  const sizes = drip === undefined ? (split?.sizes ?? [1]) : [drip.bytes];
  let turn = 0;
  return async (parts) => {
    const bytes = Buffer.concat(parts.map((part) => Buffer.from(part)));
    for (let at = 0; at < bytes.length; ) {
      const size = Math.max(1, sizes[turn++ % sizes.length] ?? 1);
      if (!(await push(bytes.subarray(at, at + size)))) return false;
      at += size;
      if (drip !== undefined && !(await clock.until(clock.now() + drip.everyMs, signal))) return false;
      // Each piece leaves as its own packet only if the event loop turns in between.
      if (drip === undefined) await new Promise((resolve) => setImmediate(resolve));
    }
    return true;
  };
}
