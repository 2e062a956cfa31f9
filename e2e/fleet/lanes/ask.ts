import type Anthropic from '@anthropic-ai/sdk';

/** One call as an agent means it, whatever way it goes. */
export interface Question {
  params: Anthropic.MessageCreateParamsNonStreaming;
  headers: Readonly<Record<string, string>>;
  stream: boolean;
}

export interface Answered {
  message: Anthropic.Message;
  /** To the first piece of a stream, ms; `null`: the answer came whole. */
  firstMs: number | null;
  /** As Offpeak names it; `null`: something else answered. */
  lane: string | null;
}

/** A way to have a call answered. @throws what the SDK throws, and when `signal` aborts. */
export type Ask = (question: Question, signal: AbortSignal) => Promise<Answered>;
