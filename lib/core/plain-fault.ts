import type { z } from 'zod';

/** What is wrong with a value, in plain words that end "its name …"; `undefined`: zod's own are as good. */
export function plainFault(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is missing' : `must be ${KIND[issue.expected] ?? issue.expected}`;
    case 'too_small':
      return boundOf(issue.origin, issue.minimum, issue.inclusive === false ? 'more than' : 'at least');
    case 'too_big':
      return boundOf(issue.origin, issue.maximum, issue.inclusive === false ? 'less than' : 'at most');
    case 'invalid_value':
      return `must be ${issue.values.length === 1 ? '' : 'one of '}${issue.values.map(String).join(', ')}`;
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`;
    case 'invalid_format':
      return FORMAT[issue.format];
    default:
      return undefined;
  }
}

function boundOf(origin: string, bound: number | bigint, word: string): string {
  if (origin === 'string') return `must have ${word} ${plural(bound, 'character')}`;
  if (origin === 'array') return `must have ${word} ${plural(bound, 'entry', 'entries')}`;
  return `must be ${word} ${bound}`;
}

function plural(count: number | bigint, one: string, more = `${one}s`): string {
  return `${count} ${count === 1 || count === 1n ? one : more}`;
}

const FORMAT: Record<string, string> = {
  datetime: 'must be a time in UTC such as 2026-01-31T12:00:00Z',
  date: 'must be a day such as 2026-01-31',
  uuid: 'must be an id that this API answered',
};

const KIND: Record<string, string> = {
  object: 'an object',
  array: 'a list',
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
};
