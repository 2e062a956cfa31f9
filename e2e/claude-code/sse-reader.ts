import { createParser } from 'eventsource-parser';

export interface StreamEvent {
  type: string;
  message?: Record<string, unknown> & { id: string };
  delta?: { text?: string };
  error?: { type: string };
}

/** Reads a Messages stream; pings are no parsed events, as for the SDK. */
export function sseReader(onEvent: (event: StreamEvent) => void): (chunk: Buffer) => void {
  const decoder = new TextDecoder();
  const parser = createParser({
    onEvent({ event, data }) {
      if (event !== undefined && event !== 'ping') onEvent(JSON.parse(data));
    },
  });
  return (chunk) => parser.feed(decoder.decode(chunk, { stream: true }));
}
