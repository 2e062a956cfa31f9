import type { GeneratedMessage } from './generate-message';
import { isObject, type JsonObject } from './json-value';

/** One server-sent event, and how many output tokens the caller has once it arrived. */
interface StreamEvent {
  readonly name: string;
  readonly wire: string;
  readonly outputTokens: number;
}

/** Wire form of an event: its name, its one-line JSON, an empty line (Streaming page). */
export function wireEvent(name: string, data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}

/**
 * The events of a finished message, in order (Streaming page).
 *
 * @param pieceChars - characters per text, thinking or JSON delta
 */
export function streamEvents({ message, usage }: GeneratedMessage, pieceChars: number): StreamEvent[] {
  const events: StreamEvent[] = [];
  const blocks = (message.content as readonly JsonObject[]).map((block) => blockDeltas(block, pieceChars));
  const deltaCount = blocks.reduce((sum, block) => sum + block.deltas.length, 0);
  let seen = 0;
  const push = (name: string, data: JsonObject) => {
    const share = deltaCount === 0 ? 0 : seen / deltaCount;
    events.push({ name, wire: wireEvent(name, data), outputTokens: Math.floor(usage.output_tokens * share) });
  };
  push('message_start', { type: 'message_start', message: startMessage(message, usage.output_tokens) });
  for (const [index, block] of blocks.entries()) {
    push('content_block_start', { type: 'content_block_start', index, content_block: block.start });
    if (index === 0) push('ping', { type: 'ping' });
    for (const delta of block.deltas) {
      seen += 1;
      push('content_block_delta', { type: 'content_block_delta', index, delta });
    }
    push('content_block_stop', { type: 'content_block_stop', index });
  }
  seen = Math.max(1, deltaCount);
  const last = lastDelta(message);
  events.push({ name: 'message_delta', wire: wireEvent('message_delta', last), outputTokens: usage.output_tokens });
  events.push({
    name: 'message_stop',
    wire: wireEvent('message_stop', { type: 'message_stop' }),
    outputTokens: usage.output_tokens,
  });
  return events;
}

function startMessage(message: JsonObject, outputTokens: number): JsonObject {
  const usage = isObject(message.usage) ? message.usage : {};
  return {
    ...message,
    content: [],
    container: null,
    stop_reason: null,
    stop_sequence: null,
    stop_details: null,
    usage: { ...usage, output_tokens: Math.min(outputTokens, 2), server_tool_use: null, output_tokens_details: null },
  };
}

function lastDelta(message: JsonObject): JsonObject {
  const usage = isObject(message.usage) ? message.usage : {};
  // What the API sends in message_start only; everything else is cumulative and comes again.
  const { cache_creation, service_tier, inference_geo, speed, ...cumulative } = usage;
  const { stop_reason, stop_sequence, stop_details, container } = message;
  const event: JsonObject = {
    type: 'message_delta',
    delta: { stop_reason, stop_sequence, stop_details, container },
    usage: cumulative,
  };
  if (message.context_management !== undefined) event.context_management = message.context_management;
  return event;
}

/** How one block streams: what its start carries, then its deltas; blocks made whole have none. */
function blockDeltas(block: JsonObject, pieceChars: number): { start: JsonObject; deltas: JsonObject[] } {
  switch (block.type) {
    case 'text': {
      const citations = Array.isArray(block.citations) ? block.citations : null;
      return {
        start: { ...block, text: '', citations: citations === null ? null : [] },
        deltas: [
          ...pieces(String(block.text), pieceChars).map((text) => ({ type: 'text_delta', text })),
          ...(citations ?? []).map((citation) => ({ type: 'citations_delta', citation })),
        ],
      };
    }
    case 'thinking':
      return {
        start: { ...block, thinking: '', signature: '' },
        deltas: [
          ...pieces(String(block.thinking), pieceChars).map((thinking) => ({ type: 'thinking_delta', thinking })),
          { type: 'signature_delta', signature: block.signature },
        ],
      };
    case 'tool_use':
    case 'server_tool_use':
    case 'mcp_tool_use': {
      const json = JSON.stringify(block.input);
      return {
        start: { ...block, input: {} },
        deltas: ['', ...pieces(json, pieceChars)].map((part) => ({ type: 'input_json_delta', partial_json: part })),
      };
    }
    default:
      return { start: block, deltas: [] };
  }
}

/** Cuts on code-point boundaries; an empty text has no pieces. */
function pieces(text: string, size: number): string[] {
  const parts: string[] = [];
  let from = 0;
  while (from < text.length) {
    let to = Math.min(text.length, from + size);
    const code = text.charCodeAt(to - 1);
    if (code >= 0xd800 && code < 0xdc00 && to < text.length) to += 1;
    parts.push(text.slice(from, to));
    from = to;
  }
  return parts;
}
