import { isObject, type JsonObject } from './json-value';
import type { CatalogModel } from './model-catalog';
import { hash53 } from './seeded-random';
import { blockTokens, messageOverhead, textTokens, toolTokens } from './token-estimate';

/** How long a written prefix lives. */
export type CacheTtl = '5m' | '1h';

/** One cacheable unit of a prompt, in the order tools, system, messages. */
interface PromptBlock {
  readonly tokens: number;
  /** The breakpoint that ends here, if any. */
  ttl: CacheTtl | null;
  readonly content: unknown;
  readonly role: string;
}

/** A prompt as the cache sees it. */
export interface PromptLayout {
  readonly blocks: readonly PromptBlock[];
  readonly totalTokens: number;
  readonly hasBreakpoint: boolean;
}

/** Splits a validated request into blocks with their tokens and cache breakpoints. */
export function layoutPrompt(body: JsonObject, model: CatalogModel): PromptLayout {
  const blocks: PromptBlock[] = [];
  const add = (content: unknown, tokens: number, role: string) => {
    blocks.push({ content, tokens, role, ttl: isObject(content) ? ttlOf(content.cache_control) : null });
  };
  addTools(body, model, add);
  addContent(body.system, 'system', 0, model, add);
  if (Array.isArray(body.messages)) {
    for (const message of body.messages) {
      if (isObject(message)) addContent(message.content, String(message.role), messageOverhead(), model, add);
    }
  }
  const last = blocks.at(-1);
  const automatic = ttlOf(body.cache_control);
  if (last !== undefined && automatic !== null) last.ttl ??= automatic;
  let totalTokens = 0;
  let hasBreakpoint = false;
  for (const block of blocks) {
    totalTokens += block.tokens;
    hasBreakpoint ||= block.ttl !== null;
  }
  return { blocks, totalTokens, hasBreakpoint };
}

type AddBlock = (content: unknown, tokens: number, role: string) => void;

function addTools(body: JsonObject, model: CatalogModel, add: AddBlock): void {
  if (!Array.isArray(body.tools) || body.tools.length === 0) return;
  const choice = isObject(body.tool_choice) ? body.tool_choice.type : 'auto';
  let overhead = model.toolOverhead[choice === 'any' || choice === 'tool' ? 1 : 0];
  for (const tool of body.tools) {
    if (!isObject(tool)) continue;
    add(tool, toolTokens(tool, model) + overhead, 'tools');
    overhead = 0;
  }
}

function addContent(content: unknown, role: string, overhead: number, model: CatalogModel, add: AddBlock): void {
  if (typeof content === 'string') {
    add({ type: 'text', text: content }, textTokens(content, model) + overhead, role);
    return;
  }
  if (!Array.isArray(content)) return;
  let extra = overhead;
  for (const block of content) {
    add(block, blockTokens(block, model) + extra, role);
    extra = 0;
  }
}

function ttlOf(cacheControl: unknown): CacheTtl | null {
  if (!isObject(cacheControl)) return null;
  return cacheControl.ttl === '1h' ? '1h' : '5m';
}

/** Hash of everything up to and including each block; equal prefixes have equal hashes. */
export function prefixHashes(layout: PromptLayout): string[] {
  let chain = '';
  return layout.blocks.map((block) => {
    const json = JSON.stringify(block.content, (key, value) => (key === 'cache_control' ? undefined : value));
    chain = hash53(`${chain}|${block.role}|${json}`).toString(36);
    return chain;
  });
}
