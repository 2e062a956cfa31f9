/**
 * Where the parts of a JSON text stand in its bytes. JSON.parse would round long numbers and forget how each value was
 * written; what is passed on has to be the very bytes. Strict as JSON.parse (RFC 8259), without a copy.
 */
interface Slice {
  /** Byte offsets: the part is `json.subarray(start, end)`. */
  start: number;
  end: number;
}

/** One property of an object; `start` and `end` are its value's. */
export interface Member extends Slice {
  keyStart: number;
  /** Unescaped: the key `"str\u0065am"` is `stream`. */
  name: string;
}

// The stack of open brackets must not take more memory than the text.
const MOST_DEPTH = 100_000;

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * The properties of the object that `json` holds, in their order, each of a repeated one.
 * @throws Error when it holds anything else; the last check is made after the last property.
 */
export function* members(json: Buffer): Generator<Member> {
  let at = skipBlank(json, 0);
  if (json[at] !== OPEN_OBJECT) throw notJson(at);
  at = skipBlank(json, at + 1);
  if (json[at] === CLOSE_OBJECT) return expectEnd(json, at + 1);
  for (;;) {
    const keyStart = at;
    const keyEnd = stringEnd(json, keyStart);
    const start = valueAfterKey(json, keyEnd);
    const end = valueEnd(json, start);
    yield { keyStart, name: unquote(json, keyStart, keyEnd), start, end };
    at = skipBlank(json, end);
    if (json[at] === CLOSE_OBJECT) return expectEnd(json, at + 1);
    if (json[at] !== COMMA) throw notJson(at);
    at = skipBlank(json, at + 1);
  }
}

/** The elements of the array that `json` holds, as views of its bytes. @throws Error like `members`. */
export function* elements(json: Buffer): Generator<Buffer> {
  let at = skipBlank(json, 0);
  if (json[at] !== OPEN_ARRAY) throw notJson(at);
  at = skipBlank(json, at + 1);
  if (json[at] === CLOSE_ARRAY) return expectEnd(json, at + 1);
  for (;;) {
    const end = valueEnd(json, at);
    yield json.subarray(at, end);
    at = skipBlank(json, end);
    if (json[at] === CLOSE_ARRAY) return expectEnd(json, at + 1);
    if (json[at] !== COMMA) throw notJson(at);
    at = skipBlank(json, at + 1);
  }
}

/** One past the last byte of the value at `from`. Not recursive: depth is the sender's choice. */
function valueEnd(json: Buffer, from: number): number {
  const closers: number[] = [];
  let at = from;
  for (;;) {
    const opener = json[at];
    if (opener === OPEN_OBJECT || opener === OPEN_ARRAY) {
      if (closers.length === MOST_DEPTH) throw new Error('JSON is nested too deeply');
      closers.push(opener === OPEN_OBJECT ? CLOSE_OBJECT : CLOSE_ARRAY);
      at = skipBlank(json, at + 1);
      if (json[at] !== closers.at(-1)) {
        if (opener === OPEN_OBJECT) at = valueAfterKey(json, stringEnd(json, at));
        continue;
      }
    } else {
      at = scalarEnd(json, at);
    }
    // A value has ended, or an empty container is about to: close all that ends with it.
    for (;;) {
      const closer = closers.at(-1);
      if (closer === undefined) return at;
      at = skipBlank(json, at);
      if (json[at] === COMMA) {
        at = skipBlank(json, at + 1);
        if (closer === CLOSE_OBJECT) at = valueAfterKey(json, stringEnd(json, at));
        break;
      }
      if (json[at] !== closer) throw notJson(at);
      closers.pop();
      at++;
    }
  }
}

function valueAfterKey(json: Buffer, keyEnd: number): number {
  const colon = skipBlank(json, keyEnd);
  if (json[colon] !== 0x3a) throw notJson(colon);
  return skipBlank(json, colon + 1);
}

function scalarEnd(json: Buffer, at: number): number {
  switch (json[at]) {
    case QUOTE:
      return stringEnd(json, at);
    case 0x74:
      return wordEnd(json, at, 'true');
    case 0x66:
      return wordEnd(json, at, 'false');
    case 0x6e:
      return wordEnd(json, at, 'null');
    default:
      return numberEnd(json, at);
  }
}

function stringEnd(json: Buffer, from: number): number {
  if (json[from] !== QUOTE) throw notJson(from);
  const { length } = json;
  let at = from + 1;
  while (at < length) {
    const byte = json[at] ?? 0;
    if (byte === QUOTE) return at + 1;
    if (byte < 0x20) break;
    at = byte === BACKSLASH ? escapeEnd(json, at) : at + 1;
  }
  throw notJson(at);
}

function escapeEnd(json: Buffer, at: number): number {
  const letter = json[at + 1] ?? 0;
  if (letter !== 0x75) {
    if (!ESCAPES.includes(letter)) throw notJson(at);
    return at + 2;
  }
  for (let i = at + 2; i < at + 6; i++) if (!isHex(json[i] ?? 0)) throw notJson(i);
  return at + 6;
}
const ESCAPES = Buffer.from('"\\/bfnrt');

function isHex(byte: number): boolean {
  const lower = byte | 0x20;
  return isDigit(byte) || (lower >= 0x61 && lower <= 0x66);
}

function numberEnd(json: Buffer, from: number): number {
  let at = json[from] === 0x2d ? from + 1 : from;
  at = json[at] === 0x30 ? at + 1 : digitsEnd(json, at);
  if (json[at] === 0x2e) at = digitsEnd(json, at + 1);
  if (((json[at] ?? 0) | 0x20) === 0x65) {
    at++;
    if (json[at] === 0x2b || json[at] === 0x2d) at++;
    at = digitsEnd(json, at);
  }
  return at;
}

function digitsEnd(json: Buffer, from: number): number {
  let at = from;
  while (isDigit(json[at] ?? 0)) at++;
  if (at === from) throw notJson(at);
  return at;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function wordEnd(json: Buffer, from: number, word: string): number {
  const end = from + word.length;
  if (json.toString('latin1', from, end) !== word) throw notJson(from);
  return end;
}

function skipBlank(json: Buffer, from: number): number {
  let at = from;
  for (let byte = json[at]; byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09; byte = json[at]) at++;
  return at;
}

function expectEnd(json: Buffer, from: number): void {
  const at = skipBlank(json, from);
  if (at < json.length) throw notJson(at);
}

function unquote(json: Buffer, start: number, end: number): string {
  const inner = json.subarray(start + 1, end - 1);
  return inner.includes(BACKSLASH) ? JSON.parse(json.toString('utf8', start, end)) : inner.toString('utf8');
}

/** Names the place only: the text may be a prompt. */
function notJson(at: number): Error {
  return new Error(`Not JSON at byte ${at}`);
}
