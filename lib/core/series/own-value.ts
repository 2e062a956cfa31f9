/** A record's own value: names come from callers, and one may be called `constructor` or `__proto__`. */
export function ownValue<T>(record: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined;
}

/** A record in which every name is only a name. */
export function bareRecord<T>(): Record<string, T> {
  return Object.create(null);
}
