import { isObject, type JsonObject, objectsIn } from './json-value';

/** Orders to the simulated model, written into a prompt as `[[sim:name=value]]`. Later ones win. */
export interface SimDirectives {
  /** Tool results before the final answer. */
  readonly tools?: number;
  /** Tool calls per turn. */
  readonly parallel?: number;
  /** Output tokens of the answer, thinking not counted. */
  readonly output?: number;
  /** Thinking tokens where thinking is on. */
  readonly thinking?: number;
  /** Web searches to run, where the tool is given. */
  readonly searches?: number;
  /** The literal answer. */
  readonly text?: string;
  /** `error.type` to fail with. */
  readonly error?: string;
  /** `stop_reason` to end with. */
  readonly stop?: string;
  /** `all`: every kind of block. */
  readonly blocks?: string;
}

const NUMBERS: ReadonlySet<string> = new Set(['tools', 'parallel', 'output', 'thinking', 'searches']);
const TEXTS: ReadonlySet<string> = new Set(['text', 'error', 'stop', 'blocks']);
const MARK = '[[sim:';

/** Reads the directives in the system prompt and the user's texts; tool results give no orders. */
export function readDirectives(body: JsonObject): SimDirectives {
  const found: Record<string, string | number> = {};
  scan(body.system, found);
  if (Array.isArray(body.messages)) {
    for (const message of body.messages) {
      if (isObject(message) && message.role !== 'assistant') scan(message.content, found);
    }
  }
  return found;
}

function scan(content: unknown, found: Record<string, string | number>): void {
  if (typeof content === 'string') {
    if (content.includes(MARK)) collect(content, found);
    return;
  }
  for (const block of objectsIn(content)) {
    if (block.type === 'text' && typeof block.text === 'string' && block.text.includes(MARK))
      collect(block.text, found);
  }
}

function collect(text: string, found: Record<string, string | number>): void {
  for (const [, name, value] of text.matchAll(/\[\[sim:([a-z_]{1,20})=(.*?)\]\]/gs)) {
    if (name === undefined || value === undefined) continue;
    if (TEXTS.has(name)) found[name] = value;
    else if (NUMBERS.has(name) && /^\d{1,7}$/.test(value)) found[name] = Number(value);
  }
}
