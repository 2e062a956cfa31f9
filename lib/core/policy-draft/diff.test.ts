import { describe, expect, it } from 'vitest';
import type { Condition } from '@/lib/core/policy/condition';
import type { PolicyDocument, Rule } from '@/lib/core/policy/document';
import { conditionText } from './condition-text';
import { diffPolicies } from './diff';
import { diffLines } from './line-diff';
import { rebase } from './rebase';

const rule = (id: string, change: Partial<Rule> = {}): Rule => ({
  id,
  name: id.toUpperCase(),
  enabled: true,
  when: {},
  // biome-ignore lint/suspicious/noThenProperty: the document's own word; no rule is ever awaited
  then: { lane: 'auto' },
  ...change,
});
const policy = (...rules: (Rule | string)[]): PolicyDocument => ({
  rules: rules.map((one) => (typeof one === 'string' ? rule(one) : one)),
  default: { lane: 'sync' },
});
const kinds = (before: PolicyDocument, after: PolicyDocument) =>
  diffPolicies(before, after).rules.map(({ id, kind }) => `${kind} ${id}`);

describe('diffPolicies', () => {
  it('names what was added, removed, changed and moved, and nothing else', () => {
    expect(kinds(policy('a', 'b', 'c'), policy('a', 'b', 'c'))).toEqual([]);
    expect(kinds(policy('a', 'b', 'c'), policy('c', 'a', 'b'))).toEqual(['moved c']);
    expect(kinds(policy('a', 'b', 'c'), policy('b', 'c', 'd'))).toEqual(['added d', 'removed a']);
    expect(kinds(policy('a', 'b'), policy(rule('a', { enabled: false }), 'b'))).toEqual(['changed a']);
  });

  it('tells each field as it was and as it is', () => {
    const before = rule('a', { when: { field: 'tolerance', op: 'gte', value: '2m' } });
    const after = rule('a', {
      when: { field: 'tolerance', op: 'gte', value: '5m' },
      // biome-ignore lint/suspicious/noThenProperty: as above
      then: { lane: 'batch', deadline: '1h' },
      rollout: 10,
    });
    expect(diffPolicies(policy(before), policy(after)).rules[0]?.fields).toEqual([
      { field: 'when', before: 'tolerance ≥ 2m', after: 'tolerance ≥ 5m' },
      { field: 'lane', before: 'auto', after: 'batch' },
      { field: 'deadline', before: null, after: '1h' },
      { field: 'rollout', before: null, after: '10 %' },
    ]);
    const {
      default: byDefault,
      timeZone,
      count,
    } = diffPolicies(policy(), {
      rules: [],
      timeZone: 'Europe/Berlin',
      default: { lane: 'sync', spill: true },
    });
    expect([byDefault.length, timeZone?.after, count]).toEqual([1, 'Europe/Berlin', 2]);
  });
});

it('spells conditions as a sentence’s end', () => {
  const inner: Condition = {
    any: [{ field: 'agent', op: 'eq', value: 'subagent' }, { not: { field: 'weekday', op: 'in', value: [6, 7] } }],
  };
  expect(conditionText({ all: [{ field: 'tag.job', op: 'exists', value: false }, inner] })).toBe(
    'tag.job is missing and (agent is subagent or not (weekday is one of Saturday, Sunday))',
  );
  expect([conditionText({}), conditionText({ any: [] }), conditionText({ all: [] })]).toEqual([
    'every call',
    'no call',
    'every call',
  ]);
});

describe('rebase', () => {
  const base = policy('a', 'b', 'c');

  it('puts the changes of one side on those of the other', () => {
    const mine = policy('a', rule('b', { enabled: false }), 'mine', 'c');
    const theirs = policy('theirs', 'a', 'b', rule('c', { rollout: 50 }));
    const { document, contended } = rebase(base, mine, theirs);
    expect(document.rules.map(({ id }) => id)).toEqual(['theirs', 'a', 'b', 'mine', 'c']);
    expect([document.rules[2]?.enabled, document.rules[4]?.rollout, contended]).toEqual([false, 50, []]);
  });

  it('takes the order from whoever changed it, and removals from either', () => {
    expect(rebase(base, policy('c', 'a', 'b'), policy('a', 'b', 'x', 'c')).document.rules.map(({ id }) => id)).toEqual([
      'c',
      'a',
      'b',
      'x',
    ]);
    expect(rebase(base, policy('a', 'c'), policy('c', 'a', 'b')).document.rules.map(({ id }) => id)).toEqual([
      'c',
      'a',
    ]);
    expect(rebase(base, policy('a', 'b'), base).document).toEqual(policy('a', 'b'));
    expect(rebase(base, base, policy('b'))).toEqual({ document: policy('b'), contended: [] });
  });

  it('lets the draft stand where both changed the same, and says so', () => {
    const mine = policy(rule('a', { name: 'mine' }), 'b', 'c');
    const theirs = policy(rule('a', { name: 'theirs' }), 'b', 'c');
    const { document, contended } = rebase(base, mine, theirs);
    expect([document.rules[0]?.name, contended]).toEqual(['mine', ['a']]);
    expect(rebase(base, mine, mine).contended).toEqual([]);
    expect(rebase(base, policy('b', 'c'), theirs).contended).toEqual(['a']);
  });
});

describe('diffLines', () => {
  it('keeps a longest common subsequence', () => {
    const lines = diffLines('a\nb\nc\nd', 'a\nc\nx\nd').map(({ kind, text }) => `${kind[0]}${text}`);
    expect(lines).toEqual(['sa', 'rb', 'sc', 'ax', 'sd']);
    expect(diffLines('same', 'same')).toEqual([{ kind: 'same', text: 'same' }]);
    expect(diffLines('a', 'b').map(({ kind }) => kind)).toEqual(['removed', 'added']);
  });
});
