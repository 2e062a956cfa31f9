import { parseDuration, parseTolerance } from '@/lib/core/duration';
import { AGENTS, CLIENTS } from '@/lib/core/request-states';
import { tagFault } from '@/lib/core/tags';
import type { Facts } from './facts';
import type { LocalClock } from './local-clock';

export const OPS = ['eq', 'ne', 'in', 'lt', 'lte', 'gt', 'gte', 'glob', 'exists'] as const;
export type Op = (typeof OPS)[number];

/** What a condition compares: durations in ms, money in USD. `null`: the call does not have it. */
export type Actual = string | number | boolean | null;

export type FieldType = 'text' | 'choice' | 'boolean' | 'integer' | 'usd' | 'duration' | 'tolerance';

export interface Field {
  /** As conditions write it; headers in lower case. */
  name: string;
  type: FieldType;
  ops: readonly Op[];
  /** The only values of a `choice`. */
  choices: readonly string[];
  /** Bounds of what a condition may name, in the field's unit. */
  min: number;
  max: number;
  /** Never missing. */
  always: boolean;
  read(facts: Facts, clock: LocalClock): Actual;
}

const OPS_OF: Record<FieldType, readonly Op[]> = {
  text: ['eq', 'ne', 'in', 'glob', 'exists'],
  choice: ['eq', 'ne', 'in', 'glob', 'exists'],
  boolean: ['eq', 'ne', 'exists'],
  integer: ['eq', 'ne', 'in', 'lt', 'lte', 'gt', 'gte', 'exists'],
  usd: ['eq', 'ne', 'in', 'lt', 'lte', 'gt', 'gte', 'exists'],
  duration: ['eq', 'ne', 'in', 'lt', 'lte', 'gt', 'gte', 'exists'],
  tolerance: ['eq', 'ne', 'in', 'lt', 'lte', 'gt', 'gte', 'exists'],
};

type Limits = Partial<Pick<Field, 'always' | 'choices' | 'min' | 'max'>>;

function field(name: string, type: FieldType, read: Field['read'], limits: Limits = {}): Field {
  return { name, type, ops: OPS_OF[type], choices: [], min: 0, max: Infinity, always: false, ...limits, read };
}

const always = true;

/** Every field with a fixed name, in the order in which an editor offers them. */
export const FIELDS: readonly Field[] = [
  field('model', 'text', (facts) => facts.model),
  field('tolerance', 'tolerance', (facts) => facts.toleranceMs),
  field('key', 'text', (facts) => facts.key),
  field('client', 'choice', (facts) => facts.client, { choices: CLIENTS, always }),
  field('agent', 'choice', (facts) => facts.agent, { choices: AGENTS, always }),
  field('stream', 'boolean', (facts) => facts.stream, { always }),
  field('input_tokens', 'integer', (facts) => facts.inputTokens),
  field('max_tokens', 'integer', (facts) => facts.maxTokens),
  field('has_tools', 'boolean', (facts) => facts.hasTools, { always }),
  field('has_thinking', 'boolean', (facts) => facts.hasThinking, { always }),
  field('prefix_warm', 'boolean', (facts) => facts.prefixWarm),
  field('hour', 'integer', (facts, clock) => clock.hour(facts.arrivedAt), { max: 23, always }),
  field('weekday', 'integer', (facts, clock) => clock.weekday(facts.arrivedAt), { min: 1, max: 7, always }),
  field('batch.p50', 'duration', (facts) => facts.measured.batchP50),
  field('batch.p90', 'duration', (facts) => facts.measured.batchP90),
  field('batch.p95', 'duration', (facts) => facts.measured.batchP95),
  field('batch.samples', 'integer', (facts) => facts.measured.batchSamples, { always }),
  field('batch.backlog', 'integer', (facts) => facts.measured.batchBacklog, { always }),
  field('sync.p95', 'duration', (facts) => facts.measured.syncP95),
  field('spend.today', 'usd', (facts) => facts.measured.spendToday),
];

const BY_NAME: ReadonlyMap<string, Field> = new Map(FIELDS.map((one) => [one.name, one]));

/** The field that a condition names, `tag.<name>` and `header.<name>` included, or the sentence that says why it is none. */
export function fieldOf(name: string): Field | string {
  const fixed = BY_NAME.get(name);
  if (fixed) return fixed;
  if (name.startsWith('tag.')) return tagField(name.slice('tag.'.length));
  if (name.startsWith('header.')) return headerField(name.slice('header.'.length).toLowerCase());
  return `there is no field "${name.slice(0, 50)}"`;
}

function tagField(tag: string): Field | string {
  return (
    tagFault(tag, 'any') ??
    // Tags that were logged come back as a plain object, where a tag called `constructor` would be inherited.
    field(`tag.${tag}`, 'text', ({ tags }) => (Object.hasOwn(tags, tag) ? (tags[tag] ?? null) : null))
  );
}

/** RFC 9110, 5.6.2, in lower case. */
const HEADER_NAME = /^[a-z0-9!#$%&'*+.^_`|~-]{1,100}$/;
// What a rule looks at is stored with the request and shown: neither a secret nor where a call came from may get there.
const SECRET =
  /(^|[-_])(auth|authorization|authentication|cookie2?|credentials?|jwt|passw(or)?d|secret|signature|token|api-?key|access-?key)([-_]|$)/;
const FORWARDING =
  /^(proxy-.*|x-forwarded(-.*)?|forwarded|via|x-real-ip|true-client-ip|cf-connecting-ipv?6?|fastly-client-ip|x-(cluster-|envoy-)?(client-ip|external-address)|x-original-(for|host|forwarded-for))$/;

function headerField(name: string): Field | string {
  if (!HEADER_NAME.test(name)) return `"${name.slice(0, 50)}" is not the name of a header`;
  if (SECRET.test(name)) return `header ${name} may hold a credential: no rule may look at it`;
  if (FORWARDING.test(name)) return `header ${name} is about forwarding: no rule may look at it`;
  return field(`header.${name}`, 'text', (facts) => facts.header(name));
}

/** A value that a condition names, in the field's unit; `null` when it is no value of that field. */
export function readValue({ type, choices, min, max }: Field, value: unknown): string | number | boolean | null {
  switch (type) {
    case 'text':
      return typeof value === 'string' && isStorable(value) ? value : null;
    case 'choice':
      return typeof value === 'string' && choices.includes(value) ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'integer':
      return Number.isInteger(value) && Number(value) >= min && Number(value) <= max ? Number(value) : null;
    case 'usd':
      return typeof value === 'number' && value >= 0 && value < Infinity ? value : null;
    case 'duration':
      return typeof value === 'string' ? parseDuration(value) : null;
    case 'tolerance':
      return typeof value === 'string' ? parseTolerance(value) : null;
  }
}

/** What `readValue` takes, as the end of "must be …". */
export function valueRule({ type, choices, min, max }: Field): string {
  switch (type) {
    case 'text':
      return 'text without NUL';
    case 'choice':
      return `one of ${choices.join(', ')}`;
    case 'boolean':
      return 'true or false';
    case 'integer':
      return max === Infinity ? `a whole number from ${min}` : `a whole number from ${min} to ${max}`;
    case 'usd':
      return 'an amount of USD from 0, as a number';
    case 'duration':
      return 'a duration such as 30s, 10m or 2h (at most 24h)';
    case 'tolerance':
      return '`interactive` or a duration such as 30s, 10m or 2h (at most 24h)';
  }
}

/** Postgres takes neither NUL nor half a surrogate pair in its JSON. */
export function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}
