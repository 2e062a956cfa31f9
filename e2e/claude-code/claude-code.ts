import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import type { Clock } from '@/lib/core/clock';
import { type StreamEvent, sseReader } from './sse-reader';

/** What a user sets, under the names of the environment variables' meanings. */
export interface ClaudeCodeSettings {
  /** Where it differs by how many requests went before: a path that fails and another that does not. */
  baseUrl: string | ((tries: number) => string);
  /** ANTHROPIC_AUTH_TOKEN or a login's token, and ANTHROPIC_API_KEY. */
  authToken?: string;
  apiKey?: string;
  /** ANTHROPIC_CUSTOM_HEADERS as it stands in the environment: `Name: value` lines. */
  customHeaders?: string;
  betas?: readonly string[];
  maxRetries?: number;
  apiTimeoutMs?: number;
  clock: Clock;
  /** Breaks the connection once this many events of a stream were read. */
  breakAfterEvents?: number;
}

export interface AgentIds {
  sessionId: string;
  agentId?: string;
  parentAgentId?: string;
}

/** One HTTP request of a turn, as this client saw it. */
export interface Try {
  isStream: boolean;
  retryCount: number;
  sentAt: number;
  /** `null`: no answer came. */
  status: number | null;
  headers: IncomingMessage['headers'];
  headersAt: number | null;
  messageStartAt: number | null;
  end: 'message' | 'error' | 'broken' | 'event_watchdog' | 'byte_watchdog' | 'timeout';
  /** Bytes of an answer that is no stream. */
  body: string;
  messageId: string | null;
}

/** Documented defaults on a custom base URL. */
const EVENT_WATCHDOG_MS = 300_000;
const BYTE_WATCHDOG_MS = 300_000;
const API_TIMEOUT_MS = 600_000;
const MAX_RETRIES = 10;
const LOOK_EVERY_MS = 5;
const RETRYABLE = new Set([408, 409, 429]);

/**
 * Claude Code's documented behaviour on the wire, over real sockets: what it sends, when it gives up, what it tries
 * again and when it falls back to a call without a stream. It knows nothing of Offpeak but a base URL and headers.
 */
export class ClaudeCode {
  readonly tries: Try[] = [];

  constructor(
    private readonly settings: ClaudeCodeSettings,
    private readonly agent: AgentIds,
  ) {}

  /** One turn of the agent. @param body JSON of a Messages body without its last brace and without `stream`. */
  async turn(body: string): Promise<Try> {
    const { maxRetries = MAX_RETRIES } = this.settings;
    let reissued = false;
    for (let retryCount = 0; ; ) {
      const one = await this.#send(`${body},"stream":true}`, true, retryCount);
      const hasOutput = one.messageStartAt !== null;
      if (one.end === 'message') return one;
      if (hasOutput) return this.#send(`${body}}`, false, 0);
      if (one.end === 'event_watchdog' || one.end === 'byte_watchdog') {
        if (reissued) return one;
        reissued = true;
      } else if (retryCount >= maxRetries || !isRetryable(one)) return one;
      else {
        retryCount++;
        await this.#wait(Number(one.headers['retry-after'] ?? 0) * 1_000);
      }
    }
  }

  /** A request that is no message: discovery, probes, counting. Follows no redirect. */
  async ask(method: string, path: string, body?: string): Promise<{ status: number; body: string; ms: number }> {
    const startedAt = performance.now();
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      this.#open(method, path, 0).on('response', resolve).on('error', reject).end(body);
    });
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    const ms = performance.now() - startedAt;
    return { status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString(), ms };
  }

  #open(method: string, path: string, retryCount: number): ClientRequest {
    const { baseUrl } = this.settings;
    const origin = typeof baseUrl === 'string' ? baseUrl : baseUrl(Math.max(0, this.tries.length - 1));
    return httpRequest(origin + path, { method, headers: this.#headers(retryCount), agent: false });
  }

  #headers(retryCount: number): Record<string, string> {
    const { authToken, apiKey, betas = [], apiTimeoutMs = API_TIMEOUT_MS, customHeaders = '' } = this.settings;
    const { sessionId, agentId, parentAgentId } = this.agent;
    const custom = customHeaders.split('\n').flatMap((line) => {
      const [, name, value] = /^([^:]+):\s*(.*)$/.exec(line) ?? [];
      return name === undefined || value === undefined ? [] : [[name, value]];
    });
    return {
      'content-type': 'application/json',
      'anthropic-version': '2023-06-01',
      ...(betas.length > 0 && { 'anthropic-beta': betas.join(',') }),
      ...(authToken !== undefined && { authorization: `Bearer ${authToken}` }),
      ...(apiKey !== undefined && { 'x-api-key': apiKey }),
      'x-claude-code-session-id': sessionId,
      ...(agentId !== undefined && { 'x-claude-code-agent-id': agentId }),
      ...(parentAgentId !== undefined && { 'x-claude-code-parent-agent-id': parentAgentId }),
      'x-stainless-lang': 'js',
      'x-stainless-runtime': 'node',
      'x-stainless-timeout': String(apiTimeoutMs / 1_000),
      'x-stainless-retry-count': String(retryCount),
      ...Object.fromEntries(custom),
    };
  }

  #send(body: string, isStream: boolean, retryCount: number): Promise<Try> {
    const { clock, apiTimeoutMs = API_TIMEOUT_MS, breakAfterEvents } = this.settings;
    const one: Try = {
      isStream,
      retryCount,
      sentAt: clock.monotonic(),
      status: null,
      headers: {},
      headersAt: null,
      messageStartAt: null,
      end: 'broken',
      body: '',
      messageId: null,
    };
    this.tries.push(one);
    return new Promise((resolve) => {
      const request = this.#open('POST', '/v1/messages?beta=true', retryCount);
      let byteAt = one.sentAt;
      let eventAt = one.sentAt;
      let events = 0;
      let isOver = false;
      const finish = (end: Try['end']) => {
        if (isOver) return;
        isOver = true;
        clearInterval(watch);
        one.end = end;
        request.destroy();
        resolve(one);
      };
      const watch = setInterval(() => {
        const now = clock.monotonic();
        if (one.headersAt === null && now - one.sentAt >= apiTimeoutMs) finish('timeout');
        else if (isStream && now - byteAt >= BYTE_WATCHDOG_MS) finish('byte_watchdog');
        // Pings reset it for about five minutes without a parsed event only: that they never do is the stricter reading.
        else if (isStream && now - eventAt >= EVENT_WATCHDOG_MS) finish('event_watchdog');
      }, LOOK_EVERY_MS);
      const onEvent = (event: StreamEvent) => {
        if (isOver) return;
        eventAt = clock.monotonic();
        if (event.type === 'message_start') {
          one.messageStartAt = eventAt;
          one.messageId = event.message?.id ?? null;
        }
        if (event.type === 'error') finish('error');
        else if (event.type === 'message_stop') finish('message');
        else if (++events === breakAfterEvents) {
          request.socket?.resetAndDestroy();
          finish('broken');
        }
      };
      request.on('error', () => finish('broken'));
      request.on('response', (response) => {
        one.status = response.statusCode ?? null;
        one.headers = response.headers;
        one.headersAt = byteAt = eventAt = clock.monotonic();
        const read = isStream && one.status === 200 ? sseReader(onEvent) : null;
        response.on('data', (chunk: Buffer) => {
          byteAt = clock.monotonic();
          if (read) read(chunk);
          else one.body += chunk.toString();
        });
        response.on('error', () => finish('broken'));
        response.on('end', () => {
          if (read) return finish('broken');
          if (one.status === 200) one.messageId = (JSON.parse(one.body) as { id: string }).id;
          finish(one.status === 200 ? 'message' : 'error');
        });
      });
      request.end(body);
    });
  }

  /** As long as it takes on its clock. */
  #wait(ms: number): Promise<void> {
    const until = this.settings.clock.monotonic() + ms;
    return new Promise((resolve) => {
      const timer = setInterval(() => {
        if (this.settings.clock.monotonic() < until) return;
        clearInterval(timer);
        resolve();
      }, LOOK_EVERY_MS);
    });
  }
}

function isRetryable({ status, headers, end }: Try): boolean {
  const told = headers['x-should-retry'];
  if (told === 'true' || told === 'false') return told === 'true';
  if (status === null || status === 200) return end !== 'message';
  return RETRYABLE.has(status) || status >= 500;
}
