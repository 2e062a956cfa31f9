import { invalid } from './api-error';
import type { ApiVersion } from './check-betas';
import { checkCacheControl } from './check-cache-control';
import { isObject, type JsonObject, objectsIn } from './json-value';
import type { CatalogModel } from './model-catalog';

const BLOCK_TYPES: ReadonlySet<string> = new Set(
  `text image document search_result thinking redacted_thinking tool_use tool_result server_tool_use web_search_tool_result
  web_fetch_tool_result code_execution_tool_result bash_code_execution_tool_result text_editor_code_execution_tool_result
  tool_search_tool_result container_upload mcp_tool_use mcp_tool_result advisor_tool_result compaction fallback tool_listing
  tool_reference mid_conv_system`.split(/\s+/),
);
const MOST_BREAKPOINTS = 4;

/** Checks `system` and `messages`, with the rules that differ by version (Versioning page). @throws ApiError 400 */
export function checkConversation(body: JsonObject, model: CatalogModel, version: ApiVersion): void {
  const count = { breakpoints: body.cache_control ? 1 : 0 };
  for (const [index, tool] of objectsIn(body.tools).entries()) countBreakpoint(tool, `tools.${index}`, count);
  checkSystem(body.system, count);
  const messages: unknown[] = Array.isArray(body.messages) ? body.messages : [];
  for (const [index, message] of messages.entries()) checkMessage(message, index, version, count);
  if (count.breakpoints > MOST_BREAKPOINTS) {
    throw invalid(
      `A maximum of ${MOST_BREAKPOINTS} blocks with cache_control may be provided. Found ${count.breakpoints}.`,
    );
  }
  checkToolPairs(messages);
  const last = messages.at(-1);
  if (isObject(last) && last.role === 'assistant' && model.version >= 4.6) {
    throw invalid(
      'This model does not support assistant message prefill. The conversation must end with a user message.',
    );
  }
}

type BreakpointCount = { breakpoints: number };

function countBreakpoint(block: JsonObject, path: string, count: BreakpointCount): void {
  if (block.cache_control === undefined || block.cache_control === null) return;
  checkCacheControl(block.cache_control, `${path}.cache_control`);
  count.breakpoints += 1;
}

function checkSystem(system: unknown, count: BreakpointCount): void {
  if (system === undefined || system === null || typeof system === 'string') return;
  if (!Array.isArray(system)) throw invalid('system: Input should be a valid list');
  for (const [index, block] of system.entries()) {
    if (!isObject(block)) throw invalid(`system.${index}: Input should be a valid dictionary`);
    if (block.type !== 'text') throw invalid(`system.${index}.type: Input should be 'text'`);
    if (typeof block.text !== 'string') throw invalid(`system.${index}.text: Field required`);
    if (block.text === '') throw invalid('system: text content blocks must be non-empty');
    countBreakpoint(block, `system.${index}`, count);
  }
}

function checkMessage(message: unknown, index: number, version: ApiVersion, count: BreakpointCount): void {
  const path = `messages.${index}`;
  if (!isObject(message)) throw invalid(`${path}: Input should be a valid dictionary`);
  const { role, content } = message;
  if (role === undefined) throw invalid(`${path}.role: Field required`);
  if (role !== 'user' && role !== 'assistant' && role !== 'system') {
    throw invalid(`${path}.role: Input should be 'user', 'assistant' or 'system'`);
  }
  for (const field of Object.keys(message)) {
    if (field !== 'role' && field !== 'content') throw invalid(`${path}.${field}: Extra inputs are not permitted`);
  }
  if (content === undefined) throw invalid(`${path}.content: Field required`);
  if (typeof content === 'string') {
    if (content === '') throw invalid(`messages.${index}: all messages must have non-empty content`);
    return;
  }
  if (!Array.isArray(content)) throw invalid(`${path}.content: Input should be a valid list`);
  if (content.length === 0 && role === 'user') {
    throw invalid(`messages.${index}: all messages must have non-empty content`);
  }
  for (const [at, block] of content.entries()) checkBlock(block, `${path}.content.${at}`, role, version, count);
}

function checkBlock(block: unknown, path: string, role: string, version: ApiVersion, count: BreakpointCount): void {
  if (!isObject(block)) throw invalid(`${path}: Input should be a valid dictionary`);
  const type = String(block.type);
  if (!BLOCK_TYPES.has(type)) {
    throw invalid(
      `${path}: Input tag '${type}' found using 'type' does not match any of the expected tags: ${[...BLOCK_TYPES].map((known) => `'${known}'`).join(', ')}`,
    );
  }
  countBreakpoint(block, path, count);
  if (type === 'text') {
    if (typeof block.text !== 'string') throw invalid(`${path}.text.text: Field required`);
    if (block.text === '') throw invalid('messages: text content blocks must be non-empty');
  }
  if (type === 'tool_result' && typeof block.tool_use_id !== 'string') {
    throw invalid(`${path}.tool_result.tool_use_id: Field required`);
  }
  if (type === 'tool_use' && !isObject(block.input)) {
    throw invalid(`${path}.tool_use.input: Input should be a valid dictionary`);
  }
  if (version === '2026-10-21') checkNewVersion(block, type, path, role);
}

function checkNewVersion(block: JsonObject, type: string, path: string, role: string): void {
  if (role === 'assistant' && type === 'document') {
    throw invalid(`${path}: document blocks are not permitted in assistant messages`);
  }
  if (role !== 'user') return;
  const texts = type === 'search_result' ? objectsIn(block.content) : type === 'text' ? [block] : [];
  for (const text of texts) {
    if (Array.isArray(text.citations) && text.citations.length > 0) {
      throw invalid(`${path}.citations: citations are not permitted in user messages`);
    }
  }
}

/** Every tool_use is answered in the next message, and nothing else is. */
function checkToolPairs(messages: readonly unknown[]): void {
  let open: string[] = [];
  for (const [index, message] of messages.entries()) {
    if (!isObject(message) || message.role === 'system') continue;
    const blocks = objectsIn(message.content);
    const results = blocks.filter((block) => block.type === 'tool_result').map((block) => String(block.tool_use_id));
    const missing = open.filter((id) => !results.includes(id));
    if (missing.length > 0) {
      throw invalid(
        `messages.${index - 1}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${missing.join(', ')}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`,
      );
    }
    const stray = results.find((id) => !open.includes(id));
    if (stray !== undefined) {
      const at = blocks.findIndex((block) => block.type === 'tool_result' && block.tool_use_id === stray);
      throw invalid(
        `messages.${index}.content.${at}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${stray}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`,
      );
    }
    open =
      message.role === 'assistant'
        ? blocks.filter((block) => block.type === 'tool_use').map((block) => String(block.id))
        : [];
  }
}
