import { createHash } from 'node:crypto';

/** A part of a prompt that upstream may keep: everything up to one `cache_control` mark. */
export interface CachePrefix {
  /** SHA-256 of what precedes the mark, the marked block included. */
  hash: string;
  /** Estimate: a quarter of its characters. */
  tokens: number;
  ttlMs: number;
}

const CHARS_PER_TOKEN = 4;
const TTL_MS = { '5m': 300_000, '1h': 3_600_000 } as const;
const MOST_MARKS = 8;

/**
 * The cacheable prefixes of a Messages body, shortest first. Upstream reads tools, system and messages in this order, and
 * a mark covers all that comes before it; a mark on the body itself stands behind its last message (Messages API, prompt
 * caching).
 */
export function cachePrefixes(body: Record<string, unknown>): CachePrefix[] {
  const prefixes: CachePrefix[] = [];
  const hash = createHash('sha256');
  let chars = 0;
  const add = (text: string) => {
    hash.update(text);
    chars += text.length;
  };
  const mark = (control: unknown) => {
    const ttlMs = ttlOf(control);
    if (ttlMs === null || prefixes.length >= MOST_MARKS) return;
    prefixes.push({ hash: hash.copy().digest('hex'), tokens: Math.ceil(chars / CHARS_PER_TOKEN), ttlMs });
  };
  const addBlock = (block: unknown) => {
    if (!isObject(block)) return add(JSON.stringify(block) ?? '');
    const { cache_control: control, ...rest } = block;
    add(JSON.stringify(rest));
    mark(control);
  };
  for (const tool of asArray(body.tools)) addBlock(tool);
  for (const block of typeof body.system === 'string' ? [body.system] : asArray(body.system)) addBlock(block);
  for (const message of asArray(body.messages)) {
    if (!isObject(message)) continue;
    add(`\n${String(message.role)}\n`);
    for (const block of typeof message.content === 'string' ? [message.content] : asArray(message.content))
      addBlock(block);
  }
  mark(body.cache_control);
  return prefixes;
}

function ttlOf(control: unknown): number | null {
  if (!isObject(control) || control.type !== 'ephemeral') return null;
  return control.ttl === '1h' ? TTL_MS['1h'] : TTL_MS['5m'];
}

function asArray(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
