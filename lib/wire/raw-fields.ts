import { members } from './json-slices';

/** An object's values by name, as their own bytes; of a repeated name the last, as JSON.parse has it. */
export type RawFields = ReadonlyMap<string, Buffer>;

/** @throws Error when `json` holds no object. */
export function readFields(json: Buffer): RawFields {
  const fields = new Map<string, Buffer>();
  for (const { name, start, end } of members(json)) fields.set(name, json.subarray(start, end));
  return fields;
}

/**
 * The object on one line with some values replaced, or left out where the new one is `null`; all others as they were
 * written. A name that is not there is not added.
 */
export function rewrite(json: Buffer, values: Readonly<Record<string, string | null>>): string {
  const parts: string[] = [];
  for (const { name, keyStart, start, end } of members(json)) {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined) parts.push(oneLine(json.subarray(keyStart, end)));
    else if (value !== null) parts.push(`${oneLine(json.subarray(keyStart, start))}${value}`);
  }
  return `{${parts.join(',')}}`;
}

// Within a JSON string a line break is always escaped, so only blanks between values can hold one.
export function oneLine(json: Buffer): string {
  return json.toString('utf8').replace(/[\r\n]+/g, ' ');
}

/** The text of a raw JSON string; `null` for anything else. */
export function asString(json: Buffer | undefined): string | null {
  return json?.[0] === QUOTE ? JSON.parse(json.toString('utf8')) : null;
}

export function isObject(json: Buffer | undefined): json is Buffer {
  return json?.[0] === OPEN_OBJECT;
}

export function isArray(json: Buffer | undefined): json is Buffer {
  return json?.[0] === OPEN_ARRAY;
}

const QUOTE = 0x22;
const OPEN_ARRAY = 0x5b;
const OPEN_OBJECT = 0x7b;
