import { setTimeout as pause } from 'node:timers/promises';
import Anthropic from '@anthropic-ai/sdk';

/** What an agent asked for, and what it was given in the end. */
export interface FleetCall {
  /** Unique: the header `x-call`, the tag `call`, and part of the prompt. */
  call: number;
  /** Its tolerance lets it wait for a batch. */
  canWait: boolean;
  stream: boolean;
  messageId: string | null;
  /** The answer came through `x-offpeak-replayed`: a retry found what its first copy had begun. */
  isReplayed: boolean;
  error: unknown;
}

export interface FleetOptions {
  origin: string;
  key: string;
  agents: number;
  model: string;
  /** What the calls say that can wait. */
  tolerance: string;
}

const PATIENCE_MS = 300_000;

/**
 * Agents on the official SDK that call without a break, a third of them in the sync lane, half of all streamed. Like any
 * agent they know one origin and leave it to the SDK to try again.
 */
export class FleetTraffic {
  readonly done: FleetCall[] = [];
  #next = 0;
  #stopped = false;
  readonly #client: Anthropic;
  readonly #agents: Promise<void>[];

  constructor(private readonly options: FleetOptions) {
    const { origin: baseURL, key: apiKey } = options;
    this.#client = new Anthropic({ baseURL, apiKey, maxRetries: 10, timeout: PATIENCE_MS });
    this.#agents = Array.from({ length: options.agents }, () => this.#agent());
  }

  /** Calls of which nobody knows yet what becomes. */
  get running(): number {
    return this.#next - this.done.length;
  }

  /** Lets the calls under way end; answers everything that was called. */
  async stop(): Promise<FleetCall[]> {
    this.#stopped = true;
    await Promise.all(this.#agents);
    return this.done;
  }

  async #agent(): Promise<void> {
    while (!this.#stopped) {
      const call = this.#next++;
      this.done.push(await this.#call(call));
      await pause(20 + (call % 7) * 20);
    }
  }

  async #call(call: number): Promise<FleetCall> {
    const canWait = call % 3 !== 0;
    const stream = call % 2 === 0;
    const about = { call, canWait, stream };
    const headers = {
      'x-call': String(call),
      'x-offpeak-tags': `call=${call}`,
      'x-offpeak-tolerance': canWait ? this.options.tolerance : 'interactive',
    };
    const params = {
      model: this.options.model,
      max_tokens: 64,
      messages: [{ role: 'user' as const, content: `${promptOf(call)} [[sim:output=${8 + (call % 30)}]]` }],
    };
    try {
      const { message, response } = stream ? await this.#streamed(params, headers) : await this.#whole(params, headers);
      const isReplayed = response.headers.get('x-offpeak-replayed') === 'true';
      return { ...about, messageId: message.id, isReplayed, error: null };
    } catch (error) {
      return { ...about, messageId: null, isReplayed: false, error };
    }
  }

  async #whole(params: Anthropic.MessageCreateParamsNonStreaming, headers: Record<string, string>) {
    const { data: message, response } = await this.#client.messages.create(params, { headers }).withResponse();
    return { message, response };
  }

  /** A stream that breaks off after its headers is the caller's to ask for again: the SDK does not. */
  async #streamed(params: Anthropic.MessageCreateParamsNonStreaming, headers: Record<string, string>) {
    for (let attempt = 0; ; attempt++) {
      const again = attempt === 0 ? {} : { 'x-stainless-retry-count': String(attempt) };
      const stream = this.#client.messages.stream(params, { headers: { ...headers, ...again } });
      try {
        const { response } = await stream.withResponse();
        return { message: await stream.finalMessage(), response };
      } catch (error) {
        if (attempt === 5) throw error;
        await pause(500);
      }
    }
  }
}

/** Found again in what upstream was sent. */
export function promptOf(call: number): string {
  return `question ${call}.`;
}

/** The call behind a body that upstream was sent. */
export function callOfPrompt(text: string): number | null {
  const found = /question (\d+)\./.exec(text);
  return found ? Number(found[1]) : null;
}
