// biome-ignore-all lint/suspicious/noThenProperty: the document's own word
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parsePolicy } from './document';
import { FIELDS } from './fields';
import { SHIPPED_DOCUMENT } from './shipped';

const RULE = { id: 'r', name: 'R', enabled: true, when: {}, then: { lane: 'sync' } };
const withRule = (part: object) => ({ rules: [{ ...RULE, ...part }], default: { lane: 'sync' } });
const withWhen = (when: unknown) => withRule({ when });

/** Fault paths of a document, in order. */
function paths(json: unknown): string[] {
  const parsed = parsePolicy(json);
  return 'errors' in parsed ? parsed.errors.map(({ path }) => path) : [];
}

describe('a document that is whole', () => {
  test.each([
    ['the shipped one', SHIPPED_DOCUMENT],
    [
      'every key',
      {
        timeZone: 'Europe/Berlin',
        rules: [
          { ...RULE, rollout: 12.5, note: 'why', then: { lane: 'sync', spill: true } },
          { ...RULE, id: 'b', then: { lane: 'batch', deadline: '2h', escalate: false, window: '0ms', maxItems: 1 } },
          {
            ...RULE,
            id: 'a'.repeat(40),
            then: { lane: 'auto', maxMiss: 0, minSaving: 1, explore: 0.5, window: '15m', maxItems: 100_000 },
          },
        ],
        default: { lane: 'auto' },
      },
    ],
    ['no rules', { rules: [], default: { lane: 'sync' } }],
    ['eight deep', withWhen({ not: { all: [{ any: [{ not: { not: { not: { not: {} } } } }] }] } })],
    [
      '200 rules',
      { rules: Array.from({ length: 200 }, (_, i) => ({ ...RULE, id: `r${i}` })), default: { lane: 'sync' } },
    ],
  ])('%s', (_name, json) => {
    const copy = structuredClone(json);
    expect(parsePolicy(json)).toEqual({ document: copy });
  });

  test.each([
    { field: 'model', op: 'glob', value: 'claude-*' },
    { field: 'model', op: 'in', value: ['a', 'b'] },
    { field: 'tolerance', op: 'eq', value: 'interactive' },
    { field: 'tolerance', op: 'in', value: ['30s', 'interactive'] },
    { field: 'tag.constructor', op: 'ne', value: 'x' },
    { field: 'tag.a.b_c-d', op: 'exists', value: false },
    { field: 'client', op: 'eq', value: 'sdk-python' },
    { field: 'agent', op: 'in', value: ['main', 'none'] },
    { field: 'prefix_warm', op: 'eq', value: false },
    { field: 'hour', op: 'lt', value: 23 },
    { field: 'weekday', op: 'gte', value: 1 },
    { field: 'header.X-Job-Name', op: 'glob', value: '*' },
    { field: 'header.anthropic-beta', op: 'exists', value: true },
    { field: 'header.x-claude-code-session-id', op: 'exists', value: true },
    { field: 'batch.p95', op: 'lte', value: '24h' },
    { field: 'batch.samples', op: 'gt', value: 0 },
    { field: 'spend.today', op: 'gte', value: 12.5 },
  ])('may hold $field $op $value', (when) => expect(paths(withWhen(when))).toEqual([]));
});

describe('a fault is named by its path', () => {
  test.each([
    ['no object', null, ['']],
    ['a list', [], ['']],
    ['nothing in it', {}, ['rules', 'default']],
    ['unknown keys', { rules: [], default: { lane: 'sync' }, extra: 1, 'two words': 2 }, ['extra', '["two words"]']],
    [
      'prototype names',
      JSON.parse('{"rules":[],"default":{"lane":"sync"},"__proto__":{},"constructor":1}'),
      ['__proto__', 'constructor'],
    ],
    [
      'prototype names inside',
      withRule({ then: JSON.parse('{"lane":"sync","__proto__":1}') }),
      ['rules[0].then.__proto__'],
    ],
    ['zone', { timeZone: 'Mars/Olympus', rules: [], default: { lane: 'sync' } }, ['timeZone']],
    ['offset for a zone', { timeZone: '+02:00', rules: [], default: { lane: 'sync' } }, ['timeZone']],
    ['lane', { rules: [], default: { lane: 'express' } }, ['default.lane']],
    ['no lane', { rules: [], default: {} }, ['default.lane']],
    ['null for absent', withRule({ note: null }), ['rules[0].note']],
    ['key of another lane', withRule({ then: { lane: 'sync', deadline: '2h' } }), ['rules[0].then.deadline']],
    ['auto keys on batch', withRule({ then: { lane: 'batch', explore: 0.1 } }), ['rules[0].then.explore']],
    ['deadline', withRule({ then: { lane: 'batch', deadline: '25h' } }), ['rules[0].then.deadline']],
    ['deadline 0ms', withRule({ then: { lane: 'batch', deadline: '0ms' } }), ['rules[0].then.deadline']],
    ['window', withRule({ then: { lane: 'batch', window: '16m' } }), ['rules[0].then.window']],
    ['window 0s', withRule({ then: { lane: 'batch', window: '0s' } }), ['rules[0].then.window']],
    ['items', withRule({ then: { lane: 'batch', maxItems: 1.5 } }), ['rules[0].then.maxItems']],
    [
      'shares',
      withRule({ then: { lane: 'auto', maxMiss: 1.1, minSaving: -0.1, explore: '1' } }),
      ['rules[0].then.maxMiss', 'rules[0].then.minSaving', 'rules[0].then.explore'],
    ],
    ['id', withRule({ id: 'A' }), ['rules[0].id']],
    ['id with a line break', withRule({ id: 'a\n' }), ['rules[0].id']],
    ['rollout', withRule({ rollout: 101 }), ['rules[0].rollout']],
    ['NUL', withRule({ name: 'a\0' }), ['rules[0].name']],
    ['half a surrogate pair', withRule({ note: '\ud800' }), ['rules[0].note']],
    ['same id', { rules: [RULE, { ...RULE, id: 's' }, RULE], default: { lane: 'sync' } }, ['rules[2].id']],
    [
      'same id beside other faults',
      { rules: [{ ...RULE, enabled: 1 }, RULE], default: 1 },
      ['rules[0].enabled', 'rules[1].id', 'default'],
    ],
    [
      'too many rules, one broken',
      {
        rules: Array.from({ length: 201 }, (_, i) => ({ ...RULE, id: `r${i}`, enabled: i !== 7 || 'no' })),
        default: { lane: 'sync' },
      },
      ['rules[7].enabled', 'rules'],
    ],
    ['no condition', withWhen(true), ['rules[0].when']],
    ['absent condition', { rules: [{ ...RULE, when: undefined }], default: { lane: 'sync' } }, ['rules[0].when']],
    ['a list for a condition', withWhen([]), ['rules[0].when']],
    ['unknown shape', withWhen({ or: [] }), ['rules[0].when.or']],
    ['two shapes', withWhen({ all: [], any: [] }), ['rules[0].when']],
    [
      'a shape and a comparison',
      withWhen({ not: {}, field: 'model' }),
      ['rules[0].when', 'rules[0].when.op', 'rules[0].when.value'],
    ],
    ['all without a list', withWhen({ all: {} }), ['rules[0].when.all']],
    [
      'nine deep',
      withWhen({ not: { not: { not: { not: { not: { not: { not: { not: {} } } } } } } } }),
      [`rules[0].when${'.not'.repeat(8)}`],
    ],
    [
      'every fault inside',
      withWhen({
        all: [
          { field: 'nope', op: 'eq', value: 1 },
          { any: [{ field: 'hour', op: 'eq', value: 24 }, { not: { field: 'model', op: 'lt', value: 'x' } }] },
          { field: 'client', op: 'in', value: ['main', 'other', 3] },
          JSON.parse('{"field":"model","op":"eq","value":"x","__proto__":1}'),
        ],
      }),
      [
        'rules[0].when.all[0].field',
        'rules[0].when.all[1].any[0].value',
        'rules[0].when.all[1].any[1].not.op',
        'rules[0].when.all[2].value[0]',
        'rules[0].when.all[2].value[2]',
        'rules[0].when.all[3].__proto__',
      ],
    ],
  ])('%s', (_name, json, expected) => expect(paths(json)).toEqual(expected));

  test.each([
    ['model', 'regex', 'x', 'op'],
    ['model', 'eq', 3, 'value'],
    ['model', 'eq', 'a\0', 'value'],
    ['model', 'in', 'x', 'value'],
    ['model', 'glob', null, 'value'],
    ['model', 'exists', 'yes', 'value'],
    ['constructor', 'eq', 'x', 'field'],
    ['__proto__', 'eq', 'x', 'field'],
    ['tag.', 'eq', 'x', 'field'],
    ['tag.Team', 'eq', 'x', 'field'],
    ['tag.__proto__', 'eq', 'x', 'field'],
    ['tolerance', 'glob', '*', 'op'],
    ['tolerance', 'lt', 30, 'value'],
    ['tolerance', 'lt', '0s', 'value'],
    ['client', 'eq', 'curl', 'value'],
    ['stream', 'gt', true, 'op'],
    ['stream', 'eq', 'true', 'value'],
    ['hour', 'eq', -1, 'value'],
    ['hour', 'eq', 1.5, 'value'],
    ['hour', 'eq', '8', 'value'],
    ['weekday', 'eq', 0, 'value'],
    ['weekday', 'eq', 8, 'value'],
    ['input_tokens', 'lt', -1, 'value'],
    ['batch.p50', 'lt', 'interactive', 'value'],
    ['batch.p99', 'lt', '1m', 'field'],
    ['spend.today', 'gt', '10', 'value'],
    ['spend.today', 'gt', -1, 'value'],
    ['header.', 'eq', 'x', 'field'],
    ['header.a b', 'eq', 'x', 'field'],
    ...[
      'authorization',
      'Authorization',
      'x-api-key',
      'cookie',
      'set-cookie',
      'proxy-authorization',
      'proxy-connection',
      'x-forwarded-for',
      'X-Forwarded-Host',
      'forwarded',
      'via',
      'x-real-ip',
      'cf-connecting-ip',
      'true-client-ip',
      'x-auth-token',
      'x-amz-security-token',
      'api-key',
      'x-goog-api-key',
      'x-client-secret',
    ].map((name) => [`header.${name}`, 'exists', true, 'field'] as const),
  ] as [string, string, unknown, string][])('%s %s %j: its %s', (field, op, value, part) => {
    expect(paths(withWhen({ field, op, value }))).toEqual([`rules[0].when.${part}`]);
  });

  test('in plain English', () => {
    const parsed = parsePolicy({
      rules: [{ ...RULE, enabled: 'yes', when: { field: 'stream', op: 'lt', value: 1 }, rollout: 101 }],
      default: { lane: 'batch', deadline: 'soon' },
    });
    expect('errors' in parsed && parsed.errors).toEqual([
      { path: 'rules[0].enabled', message: 'must be true or false' },
      { path: 'rules[0].when.op', message: 'lt does not apply to stream; use one of eq, ne, exists' },
      { path: 'rules[0].rollout', message: 'must be at most 100' },
      { path: 'default.deadline', message: 'must be a duration such as 30s, 10m or 2h (at most 24h)' },
    ]);
  });
});

test('64 KB are allowed, a byte more is not', () => {
  const sized = (bytes: number) => {
    const json = withRule({ note: '' });
    return withRule({ note: 'x'.repeat(bytes - JSON.stringify(json).length) });
  };
  expect(paths(sized(65_536))).toEqual([]);
  expect(paths(sized(65_537))).toEqual(['']);
  expect(paths(withRule({ note: 'ü'.repeat(33_000) }))).toEqual(['']);
});

test('no input throws', () => {
  const cyclic: Record<string, unknown> = {};
  cyclic.rules = cyclic;
  let deep: unknown = {};
  for (let i = 0; i < 50_000; i++) deep = { not: deep };
  for (const json of [undefined, 1n, Symbol('s'), () => 1, cyclic, withWhen(deep), new Map(), Number.NaN]) {
    expect('errors' in parsePolicy(json)).toBe(true);
  }
  fc.assert(fc.property(fc.anything(), (json) => void parsePolicy(json)));
  fc.assert(fc.property(fc.jsonValue({ maxDepth: 12 }), (json) => void parsePolicy(withWhen(json))));
  const name = fc.oneof(fc.constantFrom(...FIELDS.map((field) => field.name)), fc.string());
  fc.assert(
    fc.property(name, fc.string(), fc.jsonValue(), (field, op, value) => {
      parsePolicy(withWhen({ field, op, value }));
    }),
  );
});
