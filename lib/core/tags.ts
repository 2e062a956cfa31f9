export type Tags = Readonly<Record<string, string>>;

export const TAG_NAME = /^[a-z0-9][a-z0-9_.-]{0,39}$/;
const VALUE = /^[\x20-\x7e]{1,80}$/;
export const MAX_TAGS = 10;

/** Why `name=value` is no tag, or `null` when it is one. */
export function tagFault(name: string, value: string): string | null {
  if (!TAG_NAME.test(name)) return `tag name "${name.slice(0, 50)}" must match [a-z0-9][a-z0-9_.-]{0,39}`;
  if (!VALUE.test(value)) return `the value of tag "${name}" must be 1 to 80 printable ASCII characters`;
  return null;
}

/** Reads `team=search,job=nightly`. Answers the tags, or the sentence that names the fault. */
export function parseTags(text: string): Tags | string {
  // A null prototype: a tag may be called `constructor`.
  const tags: Record<string, string> = Object.create(null);
  const parts = text.split(',').map((part) => part.trim());
  if (parts.length > MAX_TAGS) return `at most ${MAX_TAGS} tags`;
  for (const part of parts) {
    const equals = part.indexOf('=');
    if (equals < 1) return `"${part.slice(0, 50)}" is not of the form name=value`;
    const name = part.slice(0, equals).trim();
    const value = part.slice(equals + 1).trim();
    const fault = tagFault(name, value);
    if (fault) return fault;
    if (name in tags) return `tag "${name}" is given twice`;
    tags[name] = value;
  }
  return tags;
}

/** The call's tags below the key's: what an operator fixed on a key, a caller cannot change. */
export function mergeTags(ofCall: Tags, ofKey: Tags): Tags {
  return Object.assign(Object.create(null), ofCall, ofKey);
}
