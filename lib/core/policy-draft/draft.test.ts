import { describe, expect, it } from 'vitest';
import { type PolicyDocument, parsePolicy, type Rule } from '@/lib/core/policy/document';
import { SHIPPED_DOCUMENT } from '@/lib/core/policy/shipped';
import { edited, faultsOf, openHistory, printed, redone, textEdited, textOf, undone } from './draft';
import { blankRule, copyOf, ruleFrom, TEMPLATES } from './templates';

const rule = (id: string): Rule => ({ ...blankRule([]), id });
const policy = (...ids: string[]): PolicyDocument => ({ rules: ids.map(rule), default: { lane: 'sync' } });

describe('a draft', () => {
  it('keeps the key of a rule that moves, is renamed, or stands beside a new one', () => {
    let history = openHistory(policy('a', 'b', 'c'));
    const keys = () => history.present.keys;
    expect(keys()).toEqual([0, 1, 2]);
    history = edited(history, policy('c', 'a', 'b'), null);
    expect(keys()).toEqual([2, 0, 1]);
    history = edited(history, policy('c', 'renamed', 'b'), null);
    expect(keys()).toEqual([2, 0, 1]);
    history = edited(history, policy('c', 'new', 'renamed', 'b'), null);
    expect(keys()).toEqual([2, 3, 0, 1]);
    history = edited(history, policy('new', 'b'), null);
    expect(keys()).toEqual([3, 1]);
  });

  it('undoes typing in one field at once, and what came before it apart', () => {
    let history = edited(openHistory(policy('a')), policy('a', 'b'), null);
    for (const id of ['x', 'xy', 'xyz']) history = edited(history, policy('a', id), 'rules[1].id');
    history = undone(history);
    expect(history.present.document.rules.map(({ id }) => id)).toEqual(['a', 'b']);
    history = undone(history);
    expect(history.present.document.rules.map(({ id }) => id)).toEqual(['a']);
    expect(undone(history)).toBe(history);
    history = redone(redone(history));
    expect(history.present.document.rules.map(({ id }) => id)).toEqual(['a', 'xyz']);
    expect(edited(undone(history), policy(), null).future).toEqual([]);
  });

  it('keeps text that is no document, with the last document beside it', () => {
    const open = openHistory(policy('a'));
    for (const text of ['{', '{"rules": 5}', '{"rules": [], "default": {"lane": "fast"}}', '']) {
      const { present } = textEdited(open, text);
      expect(textOf(present)).toBe(text);
      expect(present.isBroken).toBe(true);
      expect(present.document.rules).toHaveLength(1);
      expect(faultsOf(present)).not.toEqual([]);
    }
    const mended = textEdited(textEdited(open, '{'), printed(policy('b'))).present;
    expect([mended.isBroken, mended.document.rules[0]?.id, faultsOf(mended)]).toEqual([false, 'b', []]);
  });

  it('shows wrong values in the forms too, each fault at its path', () => {
    const text = JSON.stringify({
      rules: [{ ...rule('a'), when: { field: 'tolerance', op: 'gte', value: 'soon' }, rollout: 200 }],
      default: { lane: 'sync' },
    });
    const { present } = textEdited(openHistory(policy()), text);
    expect(present.isBroken).toBe(false);
    expect(faultsOf(present).map(({ path }) => path)).toEqual(['rules[0].when.value', 'rules[0].rollout']);
  });

  it('prints a document in the order of a reader, whatever the order of its keys', () => {
    const shuffled = JSON.parse(
      '{"default":{"lane":"sync"},"rules":[{"then":{"explore":0.1,"lane":"auto"},"when":{"op":"gte","value":"2m","field":"tolerance"},"enabled":true,"name":"Calls that can wait at least 2 minutes","id":"can-wait"}]}',
    ) as PolicyDocument;
    expect(printed(shuffled)).toBe(printed(SHIPPED_DOCUMENT));
    expect(printed(shuffled).indexOf('"id"')).toBeLessThan(printed(shuffled).indexOf('"then"'));
  });
});

describe('templates', () => {
  it('are valid side by side, also twice', () => {
    const rules: Rule[] = [];
    for (const template of [...TEMPLATES, ...TEMPLATES])
      rules.push(
        ruleFrom(
          template,
          rules.map(({ id }) => id),
        ),
      );
    rules.push(
      blankRule([]),
      copyOf(
        rules[0] as Rule,
        rules.map(({ id }) => id),
      ),
    );
    expect(parsePolicy({ rules, default: { lane: 'sync' } })).toHaveProperty('document');
    expect(rules.at(-1)?.id).toBe('ci-and-evals-3');
  });

  it('names a copy within the length of an id', () => {
    const long = rule('x'.repeat(40));
    expect(copyOf(long, [long.id]).id).toBe(`${'x'.repeat(38)}-2`);
  });
});
