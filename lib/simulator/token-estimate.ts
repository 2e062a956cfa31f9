import { isObject, type JsonObject } from './json-value';
import type { CatalogModel } from './model-catalog';

/** Fixed prices of media whose bytes say nothing about tokens. */
const IMAGE_TOKENS = 1_500;
const MESSAGE_OVERHEAD = 3;

/** Rough tokens of a text: four bytes each, 30 % more with the tokenizer that models use since Opus 4.7. */
export function textTokens(text: string, model: CatalogModel): number {
  return bytesToTokens(Buffer.byteLength(text), model);
}

function bytesToTokens(bytes: number, model: CatalogModel): number {
  return model.version >= 4.7 ? Math.ceil((bytes * 13) / 40) : Math.ceil(bytes / 4);
}

/** Tokens of one content block of any kind; unknown kinds count their JSON. */
export function blockTokens(block: unknown, model: CatalogModel): number {
  if (typeof block === 'string') return textTokens(block, model);
  if (!isObject(block)) return 0;
  switch (block.type) {
    case 'text':
      return typeof block.text === 'string' ? textTokens(block.text, model) : 0;
    case 'image':
      return IMAGE_TOKENS;
    case 'document':
      return documentTokens(block, model);
    case 'tool_result':
      return MESSAGE_OVERHEAD + contentTokens(block.content, model);
    case 'thinking':
      return typeof block.thinking === 'string' ? textTokens(block.thinking, model) : 0;
    default:
      return textTokens(JSON.stringify(withoutCacheControl(block)), model);
  }
}

function documentTokens(block: JsonObject, model: CatalogModel): number {
  const source = isObject(block.source) ? block.source : {};
  if (source.type === 'text' && typeof source.data === 'string') return textTokens(source.data, model);
  if (source.type === 'content') return contentTokens(source.content, model);
  // A PDF page is about 3,000 bytes of base64 per 40 tokens of text; a URL or file costs a flat page.
  return typeof source.data === 'string' ? bytesToTokens(Math.ceil(source.data.length / 20), model) : IMAGE_TOKENS;
}

/** Tokens of a `content` value: a string or a list of blocks. */
function contentTokens(content: unknown, model: CatalogModel): number {
  if (typeof content === 'string') return textTokens(content, model);
  if (!Array.isArray(content)) return 0;
  let total = 0;
  for (const block of content) total += blockTokens(block, model);
  return total;
}

/** Tokens that a message adds around its content. */
export function messageOverhead(): number {
  return MESSAGE_OVERHEAD;
}

/** Tokens of one tool definition. */
export function toolTokens(tool: JsonObject, model: CatalogModel): number {
  return textTokens(JSON.stringify(withoutCacheControl(tool)), model);
}

function withoutCacheControl(value: JsonObject): JsonObject {
  if (value.cache_control === undefined) return value;
  const { cache_control: _ignored, ...rest } = value;
  return rest;
}
