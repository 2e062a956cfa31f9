import { elements } from './json-slices';
import { asString, isArray, isObject, oneLine, readFields, rewrite } from './raw-fields';

/** One content block as a stream brings it: JSON of `content_block`, then of each `delta`. */
interface SplitBlock {
  start: string;
  deltas: readonly string[];
}

/**
 * A finished content block in the parts that a Messages stream has for its kind (streaming page). One of an unknown
 * kind, or that lacks what its kind has, starts whole: clients keep it as it comes.
 * @param block its JSON, without blanks around it.
 */
export function splitBlock(block: Buffer): SplitBlock {
  const fields = isObject(block) ? readFields(block) : new Map<string, Buffer>();
  const field = (name: string) => fields.get(name);
  switch (asString(field('type'))) {
    case 'text':
      return splitText(block, asString(field('text')), field('citations'));
    case 'thinking':
      return splitThinking(block, asString(field('thinking')), field('signature'));
    case 'tool_use':
    case 'server_tool_use':
    case 'mcp_tool_use':
      return splitToolUse(block, field('input'));
    case 'compaction':
      return splitCompaction(block, field('content'), field('encrypted_content'));
    default:
      return whole(block);
  }
}

function whole(block: Buffer): SplitBlock {
  return { start: oneLine(block), deltas: [] };
}

function splitText(block: Buffer, text: string | null, citations: Buffer | undefined): SplitBlock {
  if (text === null) return whole(block);
  const deltas = pieces(text).map((piece) => `{"type":"text_delta","text":${JSON.stringify(piece)}}`);
  if (!isArray(citations)) return { start: rewrite(block, { text: '""' }), deltas };
  for (const citation of elements(citations)) {
    deltas.push(`{"type":"citations_delta","citation":${oneLine(citation)}}`);
  }
  return { start: rewrite(block, { text: '""', citations: '[]' }), deltas };
}

function splitThinking(block: Buffer, thinking: string | null, signature: Buffer | undefined): SplitBlock {
  if (thinking === null || signature === undefined) return whole(block);
  return {
    start: rewrite(block, { thinking: '""', signature: '""' }),
    deltas: [
      ...pieces(thinking).map((piece) => `{"type":"thinking_delta","thinking":${JSON.stringify(piece)}}`),
      `{"type":"signature_delta","signature":${oneLine(signature)}}`,
    ],
  };
}

// The input travels as text, so its very bytes can. The empty delta is how the API's own streams begin one.
function splitToolUse(block: Buffer, input: Buffer | undefined): SplitBlock {
  if (input === undefined) return whole(block);
  return {
    start: rewrite(block, { input: '{}' }),
    deltas: ['', ...pieces(input.toString('utf8'))].map(
      (piece) => `{"type":"input_json_delta","partial_json":${JSON.stringify(piece)}}`,
    ),
  };
}

// Its delta is assigned, not appended, so there is one. Older accumulators take the encrypted content from the start.
function splitCompaction(block: Buffer, content: Buffer | undefined, encrypted: Buffer | undefined): SplitBlock {
  if (content === undefined) return whole(block);
  const also = encrypted === undefined ? '' : `,"encrypted_content":${oneLine(encrypted)}`;
  return {
    start: rewrite(block, { content: 'null' }),
    deltas: [`{"type":"compaction_delta","content":${oneLine(content)}${also}}`],
  };
}

/** Short enough for clients that read a stream by lines of limited length. */
const PIECE_CHARS = 4_096;

/** Cuts between code points; an empty text has no pieces. */
function pieces(text: string): string[] {
  const parts: string[] = [];
  let from = 0;
  while (from < text.length) {
    let to = from + PIECE_CHARS;
    const last = text.charCodeAt(to - 1);
    if (last >= 0xd800 && last < 0xdc00) to++;
    parts.push(text.slice(from, to));
    from = to;
  }
  return parts;
}
