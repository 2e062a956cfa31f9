// biome-ignore-all lint/suspicious/noThenProperty: the document's own word
import { expect, test } from 'vitest';
import type { Comparison, Condition } from './condition';
import type { ActionDocument, PolicyDocument, Rule } from './document';
import { policyWarnings } from './warnings';

const is = (field: string, op: Comparison['op'], value: Comparison['value']): Condition => ({ field, op, value });

function warnings(...rules: Partial<Rule>[]): string[] {
  const whole = rules.map((rule, i): Rule => {
    const then: ActionDocument = i % 2 === 0 ? { lane: 'sync' } : { lane: 'batch' };
    return { id: `r${i}`, name: '', enabled: true, when: {}, then, ...rule };
  });
  return policyWarnings({ rules: whole, default: { lane: 'sync' } }).map(({ kind, path }) => `${kind} ${path}`);
}

test.each([
  [{ all: [is('hour', 'lt', 5), is('hour', 'gt', 10)] }],
  [{ all: [is('hour', 'lt', 5), is('hour', 'gt', 4)] }],
  [is('hour', 'lt', 0)],
  [is('weekday', 'gt', 7)],
  [{ all: [is('model', 'eq', 'a'), is('model', 'eq', 'b')] }],
  [{ all: [is('model', 'in', ['a', 'b']), is('model', 'ne', 'a'), is('model', 'ne', 'b')] }],
  [{ all: [is('model', 'eq', 'gpt'), is('model', 'glob', 'claude-*')] }],
  [{ all: [is('model', 'glob', 'claude-opus-*'), { not: is('model', 'glob', 'claude-*') }] }],
  [is('model', 'in', [])],
  [{ all: [is('tag.team', 'exists', false), is('tag.team', 'eq', 'x')] }],
  [is('stream', 'exists', false)],
  [{ all: [is('stream', 'ne', true), is('stream', 'ne', false)] }],
  [{ all: ['claude-code', 'sdk-ts', 'sdk-python', 'other'].map((client) => is('client', 'ne', client)) }],
  [is('tolerance', 'eq', 'interactive')],
  [{ all: [is('header.x-job', 'eq', 'a'), is('header.X-Job', 'eq', 'b')] }],
  [{ all: [is('batch.p90', 'lt', '1m'), is('batch.p90', 'gt', '1m')] }],
  [is('spend.today', 'lt', 0)],
  [{ any: [] }],
  [{ not: {} }],
  [{ not: { any: [is('stream', 'eq', true), is('stream', 'eq', false)] } }],
  [{ all: [{ any: [is('hour', 'eq', 1), is('hour', 'eq', 2)] }, is('hour', 'gt', 2)] }],
] as [Condition][])('%j can never hold', (when) => expect(warnings({ when })).toEqual(['never rules[0].when']));

test.each([
  [{ all: [is('hour', 'gt', 4), is('hour', 'lt', 6)] }],
  [{ all: [is('model', 'ne', 'a'), is('model', 'ne', 'b')] }],
  [{ all: [is('prefix_warm', 'ne', true), is('prefix_warm', 'ne', false)] }],
  [{ not: is('input_tokens', 'gte', 0) }],
  [{ all: [is('model', 'glob', 'a*'), is('model', 'glob', '*b')] }],
  [{ all: [is('model', 'glob', 'a*'), { not: is('model', 'glob', 'a?*') }] }],
  [{ all: [is('spend.today', 'gt', 1), is('spend.today', 'lt', 1.01)] }],
  [{ all: [is('batch.p90', 'gt', '1ms'), is('batch.p90', 'lt', '2ms')] }],
  [is('tag.team', 'exists', false)],
] as [Condition][])('%j can hold', (when) => expect(warnings({ when })).toEqual([]));

const opus = is('model', 'glob', 'claude-opus-*');
const claude = is('model', 'glob', 'claude-*');

test.each<[string, Partial<Rule>[], string[]]>([
  ['behind an unconditional rule', [{}, { when: opus }], ['unreachable rules[1].when']],
  ['behind {all: []}', [{ when: { all: [] } }, {}], ['unreachable rules[1].when']],
  [
    'behind what is always true',
    [{ when: { any: [is('hour', 'lt', 12), is('hour', 'gte', 12)] } }, { when: opus }],
    ['unreachable rules[1].when'],
  ],
  ['behind the general case', [{ when: claude }, { when: opus }], ['unreachable rules[1].when']],
  ['behind its twin', [{ when: opus }, { when: opus }], ['unreachable rules[1].when']],
  [
    'behind a wider range',
    [{ when: is('input_tokens', 'gt', 10) }, { when: is('input_tokens', 'gte', 11) }],
    ['unreachable rules[1].when'],
  ],
  [
    'behind one part of itself',
    [{ when: opus }, { when: { all: [is('stream', 'eq', true), opus] } }],
    ['unreachable rules[1].when'],
  ],
  [
    'behind two halves',
    [{ when: is('hour', 'lt', 12) }, { when: is('hour', 'gte', 12) }, { when: opus }],
    ['unreachable rules[2].when'],
  ],
  ['behind a disabled one', [{ enabled: false }, { when: opus }], []],
  ['behind a partial rollout', [{ rollout: 99 }, { when: opus }], []],
  ['disabled itself', [{}, { enabled: false }], []],
  ['the exception first', [{ when: opus }, { when: claude }, {}], []],
  [
    'ranges that meet halfway',
    [{ when: is('hour', 'lt', 12) }, { when: is('hour', 'gt', 8) }],
    ['overlap rules[1].when'],
  ],
  ['ranges side by side', [{ when: is('hour', 'lt', 12) }, { when: is('hour', 'gte', 12) }], []],
  [
    'the same action',
    [{ when: is('hour', 'lt', 12) }, { when: is('hour', 'gt', 8), then: { lane: 'sync', spill: false } }],
    [],
  ],
  ['about different things', [{ when: is('hour', 'lt', 12) }, { when: opus }], []],
  ['rollout 0', [{ rollout: 0 }], ['never rules[0].rollout']],
  ['a reserved id', [{ id: 'default' }], ['reserved rules[0].id']],
  [
    'explore without escalate',
    [{ then: { lane: 'auto', explore: 0.1, escalate: false } }],
    ['explore rules[0].then.explore'],
  ],
])('%s', (_name, rules, expected) => expect(warnings(...rules)).toEqual(expected));

test('the largest policies take no time to speak of', () => {
  const wide: Condition = {
    all: Array.from({ length: 7 }, (_, i) => ({ any: [is(`tag.a${i}`, 'eq', 'x'), is(`tag.b${i}`, 'eq', 'x')] })),
  };
  const some = (i: number): Condition => ({
    any: Array.from({ length: 6 }, (_, k) => is('input_tokens', 'eq', i * 3 + k)),
  });
  const document = (when: (i: number) => Condition): PolicyDocument => ({
    rules: Array.from({ length: 200 }, (_, i) => ({
      id: `r${i}`,
      name: '',
      enabled: true,
      when: when(i),
      then: i % 2 ? { lane: 'sync' } : { lane: 'batch' },
    })),
    default: { lane: 'sync' },
  });
  for (const when of [() => wide, some, (i: number) => is('hour', 'eq', i % 24)]) {
    const startedAt = performance.now();
    policyWarnings(document(when));
    expect(performance.now() - startedAt).toBeLessThan(3_000);
  }
});
