// biome-ignore-all lint/suspicious/noThenProperty: the document's own word
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Decision, decide, type Facts } from './decide';
import { compilePolicy } from './policy/compile';
import type { Condition } from './policy/condition';
import { type ActionDocument, type PolicyDocument, parsePolicy, type Rule } from './policy/document';
import { type ConditionTrace, explain } from './policy/explain';
import { FIELDS, type Field, fieldOf } from './policy/fields';
import { type AutoJudge, notMeasured } from './policy/judge';
import { SHIPPED_DOCUMENT, shippedPolicy } from './policy/shipped';
import { policyWarnings } from './policy/warnings';
import { AGENTS, CLIENTS } from './request-states';

const FACTS: Facts = {
  requestId: 'opr_0197a1b2-0000-7000-8000-000000000001',
  sessionId: null,
  arrivedAt: Date.parse('2026-11-22T12:00:00Z'),
  model: 'claude-opus-4-5',
  toleranceMs: 600_000,
  optedOut: false,
  key: 'fleet',
  tags: {},
  client: 'other',
  agent: 'none',
  stream: true,
  inputTokens: 100,
  maxTokens: 100,
  hasTools: false,
  hasThinking: false,
  prefixWarm: null,
  header: () => null,
  measured: {
    batchP50: null,
    batchP90: null,
    batchP95: null,
    batchSamples: 0,
    batchBacklog: 0,
    syncP95: null,
    spendToday: null,
  },
  ineligible: null,
  laneDown: false,
  syncNeedMs: 0,
};

const policyOf = (document: PolicyDocument, paused = false) => compilePolicy(document, { version: 7, paused });
const acting = (action: ActionDocument, paused = false) =>
  policyOf(
    { rules: [{ id: 'r', name: '', enabled: true, when: {}, then: action }], default: { lane: 'sync' } },
    paused,
  );
const batching = (deadlineMs: number) => ({ deadlineMs, escalate: true, windowMs: 5_000, maxItems: 1_000 });

const toBatch: AutoJudge = () => ({ lane: 'batch', because: 'auto', prediction: null });
const tooDear: AutoJudge = () => ({ lane: 'sync', because: 'saving', prediction: null });

describe('a decision', () => {
  const SYNC: Decision = { lane: 'sync', rule: 'r', because: 'rule', policyVersion: 7, batching: null, spill: null };
  const BATCH: Decision = { ...SYNC, lane: 'batch', batching: batching(600_000) };
  test.each([
    ['sync', { lane: 'sync' }, {}, SYNC],
    ['spill', { lane: 'sync', spill: true }, {}, { ...SYNC, spill: batching(600_000) }],
    ['spill without a tolerance', { lane: 'sync', spill: true }, { toleranceMs: null }, SYNC],
    ['spill of what batch cannot take', { lane: 'sync', spill: true }, { ineligible: 'stream_only' }, SYNC],
    ['spill into a lane that is down', { lane: 'sync', spill: true }, { laneDown: true }, SYNC],
    ['batch', { lane: 'batch' }, {}, BATCH],
    [
      'batch, less time granted than tolerated',
      { lane: 'batch', deadline: '5m' },
      {},
      { ...BATCH, batching: batching(300_000) },
    ],
    ['batch, more time granted than tolerated', { lane: 'batch', deadline: '2h' }, {}, BATCH],
    ['batch, unset', { lane: 'batch' }, { toleranceMs: null }, { ...BATCH, batching: batching(86_400_000) }],
    [
      'batch, unset but granted',
      { lane: 'batch', deadline: '2h' },
      { toleranceMs: null },
      { ...BATCH, batching: batching(7_200_000) },
    ],
    [
      'batch, all said',
      { lane: 'batch', escalate: false, window: '0ms', maxItems: 5 },
      {},
      { ...BATCH, batching: { deadlineMs: 600_000, escalate: false, windowMs: 0, maxItems: 5 } },
    ],
    ['ineligible', { lane: 'batch' }, { ineligible: 'max_tokens' }, { ...SYNC, because: 'ineligible:max_tokens' }],
    ['lane down', { lane: 'batch' }, { laneDown: true }, { ...SYNC, because: 'lane_down' }],
    ['auto, ineligible', { lane: 'auto' }, { ineligible: 'oauth' }, { ...SYNC, because: 'ineligible:oauth' }],
    ['auto, lane down', { lane: 'auto' }, { laneDown: true }, { ...SYNC, because: 'lane_down' }],
    ['auto, unset', { lane: 'auto' }, { toleranceMs: null }, { ...SYNC, because: 'no_tolerance' }],
    [
      'auto, unset but granted',
      { lane: 'auto', deadline: '2h' },
      { toleranceMs: null },
      { ...BATCH, because: 'auto', batching: batching(7_200_000) },
    ],
    ['auto', { lane: 'auto' }, {}, { ...BATCH, because: 'auto' }],
    ['interactive', { lane: 'batch' }, { toleranceMs: 0 }, { ...SYNC, rule: 'override' }],
    ['opted out', { lane: 'batch' }, { optedOut: true }, { ...SYNC, rule: 'override' }],
    ['opted out of spilling', { lane: 'sync', spill: true }, { optedOut: true }, { ...SYNC, rule: 'override' }],
  ] as [string, ActionDocument, Partial<Facts>, Decision][])('%s', (_name, action, facts, expected) => {
    expect(decide(acting(action), { ...FACTS, ...facts }, toBatch)).toEqual(expected);
  });

  test('what the judge refuses goes sync, with what it was judged by', () => {
    expect(decide(acting({ lane: 'auto' }), FACTS, tooDear)).toEqual({ ...SYNC, because: 'saving' });
    const prediction = {
      h: 1,
      F: 0.5,
      lower: 0.4,
      nEff: 30,
      halfLifeMs: 900_000,
      q: 1,
      b: 0,
      kappa: 1,
      nu: 0,
      syncCost: 2,
      batchCost: 3,
      snapshotId: 's',
    };
    const judged = decide(acting({ lane: 'auto' }), FACTS, () => ({ lane: 'sync', because: 'miss', prediction }));
    expect(judged).toEqual({ ...SYNC, because: 'miss', prediction });
  });

  test('the judge is told the action and the time', () => {
    const asked: unknown[] = [];
    const judge: AutoJudge = (action) => {
      asked.push(action);
      return { lane: 'sync', because: 'miss', prediction: null };
    };
    decide(acting({ lane: 'auto' }), FACTS, judge);
    decide(acting({ lane: 'auto', maxMiss: 0.5, minSaving: 0, explore: 1, deadline: '1m' }), FACTS, judge);
    const common = { lane: 'auto', escalate: true, windowMs: 5_000, maxItems: 1_000 };
    expect(asked).toEqual([
      { ...common, maxMiss: 0.2, minSaving: 0.1, explore: 0, deadlineMs: 600_000 },
      { ...common, maxMiss: 0.5, minSaving: 0, explore: 1, deadlineMs: 60_000 },
    ]);
  });

  test('a paused policy asks nothing', () => {
    const facts = { ...FACTS, optedOut: true };
    expect(decide(acting({ lane: 'batch' }, true), facts)).toEqual({ ...SYNC, rule: 'paused' });
  });
});

describe('without measurements', () => {
  const share = (action: ActionDocument) => {
    const policy = acting(action);
    const seen = new Set<string>();
    let explored = 0;
    for (let i = 0; i < 20_000; i++) {
      const { lane, because } = decide(policy, { ...FACTS, requestId: `opr_${i}` });
      seen.add(`${lane} ${because}`);
      if (lane === 'batch') explored++;
    }
    for (const one of seen) expect(['batch explore', 'sync not_measured']).toContain(one);
    return explored / 20_000;
  };
  test.each([
    [0, 0],
    [0.1, 0.1],
    [0.5, 0.5],
    [1, 1],
  ])('explore %d sends that share', (explore, expected) => {
    expect(Math.abs(share({ lane: 'auto', explore }) - expected)).toBeLessThan(0.01);
  });
  test('nothing is explored that could not be escalated', () => {
    expect(share({ lane: 'auto', explore: 1, escalate: false })).toBe(0);
  });
});

describe('the shipped policy', () => {
  test('is a valid document without warnings', () => {
    expect(parsePolicy(SHIPPED_DOCUMENT)).toEqual({ document: SHIPPED_DOCUMENT });
    expect(policyWarnings(SHIPPED_DOCUMENT)).toEqual([]);
  });
  test.each([
    [null, 'default', 'sync', 'rule'],
    [0, 'override', 'sync', 'rule'],
    [119_999, 'default', 'sync', 'rule'],
    [120_000, 'can-wait', 'batch', 'auto'],
  ])('tolerance %j: %s', (toleranceMs, rule, lane, because) => {
    expect(decide(shippedPolicy(), { ...FACTS, toleranceMs }, toBatch)).toMatchObject({
      rule,
      lane,
      because,
      policyVersion: 1,
    });
  });
  test('explores a tenth', () => {
    expect(shippedPolicy().rules[0]?.action).toMatchObject({ lane: 'auto', explore: 0.1, escalate: true });
  });
});

describe('a rollout', () => {
  const matched = (rollout: number, id = 'r') => {
    const rule: Rule = { id, name: '', enabled: true, when: {}, then: { lane: 'sync' }, rollout };
    const policy = policyOf({ rules: [rule], default: { lane: 'sync' } });
    return (sessionId: string | null, requestId = 'opr_1') =>
      decide(policy, { ...FACTS, sessionId, requestId }).rule === id;
  };
  const ids = Array.from({ length: 20_000 }, (_, i) => `0197a1b2-0000-7000-8000-${i.toString(16).padStart(12, '0')}`);

  test.each([0, 0.07, 1, 12.5, 50, 99, 100])('of %d percent takes about that share', (rollout) => {
    const takes = matched(rollout);
    const share = ids.filter((id) => takes(id)).length / ids.length;
    expect(Math.abs(share * 100 - rollout)).toBeLessThan(rollout === 0 || rollout === 100 ? 1e-9 : 1);
  });

  test('that grows keeps whom it has', () => {
    const percent = fc.integer({ min: 0, max: 10_000 }).map((n) => n / 100);
    fc.assert(
      fc.property(percent, percent, fc.string(), (a, b, id) => {
        if (matched(Math.min(a, b))(id)) expect(matched(Math.max(a, b))(id)).toBe(true);
      }),
    );
  });

  test('keeps a session on one side, whatever the request', () => {
    const takes = matched(50);
    for (const id of ids.slice(0, 100)) expect(takes('session', id)).toBe(takes('session'));
    expect(new Set(ids.slice(0, 100).map((id) => takes(null, id))).size).toBe(2);
  });

  test('is drawn anew for each rule', () => {
    const [one, other] = [matched(50, 'a'), matched(50, 'b')];
    const same = ids.filter((id) => one(id) === other(id)).length / ids.length;
    expect(Math.abs(same - 0.5)).toBeLessThan(0.02);
  });

  test('never changes sides by an upgrade', () => {
    expect(
      ids
        .slice(0, 24)
        .map((id) => Number(matched(50)(id)))
        .join(''),
    ).toMatchInlineSnapshot(`"101101101111101010101111"`);
  });
});

const NAMES = [...FIELDS.map(({ name }) => name), 'tag.team', 'tag.constructor', 'header.x-job'];
const anyText = fc.oneof(fc.constantFrom('a', 'ab', 'claude-opus-4-5', 'sdk-ts', 'none'), fc.string({ maxLength: 5 }));
const anyMs = fc.constantFrom(0, 1, 30_000, 60_000, 600_000, 86_400_000);

function anyValue(field: Field): fc.Arbitrary<string | number | boolean> {
  switch (field.type) {
    case 'text':
      return anyText.filter((text) => !text.includes('\0') && text.isWellFormed());
    case 'choice':
      return fc.constantFrom(...field.choices);
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.integer({ min: field.min, max: Math.min(field.max, 1_000) });
    case 'usd':
      return fc.double({ min: 0, max: 100, noNaN: true });
    case 'duration':
      return fc.constantFrom('1ms', '30s', '1m', '10m', '24h');
    case 'tolerance':
      return fc.constantFrom('interactive', '1ms', '30s', '1m', '10m', '24h');
  }
}

const anyComparison: fc.Arbitrary<Condition> = fc
  .constantFrom(...NAMES)
  .map((name) => fieldOf(name))
  .filter((field) => typeof field !== 'string')
  .chain((field) => fc.constantFrom(...field.ops).map((op) => ({ field, op })))
  .chain(({ field, op }) => {
    const value =
      op === 'exists'
        ? fc.boolean()
        : op === 'glob'
          ? fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 4 })
          : op === 'in'
            ? fc.array(anyValue(field), { maxLength: 3 })
            : anyValue(field);
    return value.map((one) => ({ field: field.name, op, value: one }));
  });

const anyCondition = fc.letrec<{ condition: Condition; list: Condition[] }>((tie) => ({
  list: fc.array(tie('condition'), { maxLength: 3 }),
  condition: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    anyComparison,
    fc.constant({}),
    tie('list').map((all) => ({ all })),
    tie('list').map((any) => ({ any })),
    tie('condition').map((not) => ({ not })),
  ),
})).condition;

const anyAction: fc.Arbitrary<ActionDocument> = fc.oneof(
  fc.record({ lane: fc.constant('sync' as const), spill: fc.boolean() }, { requiredKeys: ['lane'] }),
  fc.record({ lane: fc.constant('batch' as const), deadline: fc.constantFrom('1m', '2h') }, { requiredKeys: ['lane'] }),
  fc.record(
    { lane: fc.constant('auto' as const), explore: fc.double({ min: 0, max: 1, noNaN: true }), escalate: fc.boolean() },
    { requiredKeys: ['lane'] },
  ),
);

const anyRule = fc.record(
  {
    name: fc.constant(''),
    enabled: fc.boolean(),
    when: anyCondition,
    then: anyAction,
    rollout: fc.constantFrom(0, 33.33, 50, 100),
  },
  { requiredKeys: ['name', 'enabled', 'when', 'then'] },
);

const anyDocument: fc.Arbitrary<PolicyDocument> = fc.record(
  {
    timeZone: fc.constantFrom('UTC', 'Europe/Berlin', 'Asia/Kathmandu'),
    rules: fc.array(anyRule, { maxLength: 6 }).map((rules) => rules.map((rule, i) => ({ id: `r${i}`, ...rule }))),
    default: anyAction,
  },
  { requiredKeys: ['rules', 'default'] },
);

const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
const anyNumber = fc.oneof(fc.integer({ min: 0, max: 1_000 }), fc.double());
const anyFacts: fc.Arbitrary<Facts> = fc.record({
  requestId: fc.string(),
  sessionId: maybe(fc.string()),
  arrivedAt: fc.oneof(fc.integer({ min: 1.7e12, max: 1.9e12 }), fc.double()),
  model: maybe(anyText),
  toleranceMs: maybe(fc.oneof(anyMs, fc.double())),
  optedOut: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
  key: maybe(anyText),
  tags: fc.dictionary(fc.constantFrom('team', 'constructor', '__proto__'), anyText),
  client: fc.constantFrom(...CLIENTS),
  agent: fc.constantFrom(...AGENTS),
  stream: fc.boolean(),
  inputTokens: maybe(anyNumber),
  maxTokens: maybe(anyNumber),
  hasTools: fc.boolean(),
  hasThinking: fc.boolean(),
  prefixWarm: maybe(fc.boolean()),
  header: maybe(anyText).map((value) => () => value),
  measured: fc.record({
    batchP50: maybe(anyMs),
    batchP90: maybe(anyNumber),
    batchP95: maybe(anyMs),
    batchSamples: anyNumber,
    batchBacklog: anyNumber,
    syncP95: maybe(anyMs),
    spendToday: maybe(anyNumber),
  }),
  ineligible: maybe(fc.constantFrom('oauth', 'max_tokens')),
  laneDown: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
  syncNeedMs: anyMs,
});

describe('for every policy and call', () => {
  test('the generated documents are valid', () => {
    fc.assert(
      fc.property(anyDocument, (document) => {
        expect(parsePolicy(document)).toEqual({ document });
      }),
    );
  });

  test('the first rule that matches alone is the one that acts', () => {
    fc.assert(
      fc.property(anyDocument, anyFacts, (document, facts) => {
        const alone = document.rules.find(
          (rule) => decide(policyOf({ ...document, rules: [rule] }), facts).rule === rule.id,
        );
        const decision = decide(policyOf(document), facts);
        if (alone) expect(decision).toEqual(decide(policyOf({ ...document, rules: [alone] }), facts));
        else expect(decision).toEqual(decide(policyOf({ ...document, rules: [] }), facts));
      }),
      { numRuns: 500 },
    );
  });

  test('a rule that does not match could as well be away', () => {
    fc.assert(
      fc.property(anyDocument, anyFacts, (document, facts) => {
        const decision = decide(policyOf(document), facts);
        for (const { id } of document.rules) {
          if (id === decision.rule) continue;
          const without = { ...document, rules: document.rules.filter((rule) => rule.id !== id) };
          expect(decide(policyOf(without), facts)).toEqual(decision);
        }
      }),
    );
  });

  test('the order of keys means nothing', () => {
    fc.assert(
      fc.property(anyDocument, anyFacts, (document, facts) => {
        const turned = parsePolicy(turnKeys(document));
        if (!('document' in turned)) throw new Error('turned keys are refused');
        expect(decide(policyOf(turned.document), facts)).toEqual(decide(policyOf(document), facts));
      }),
    );
  });

  test('explain tells what decide did', () => {
    fc.assert(
      fc.property(anyDocument, anyFacts, fc.boolean(), (document, facts, paused) => {
        const policy = policyOf(document, paused);
        const { decision, trace } = explain(policy, facts);
        expect(decision).toEqual(decide(policy, facts));
        expect(trace.map(({ rule }) => rule)).toEqual(document.rules.map(({ id }) => id));
        const matched = trace.filter((rule) => rule.matched).map(({ rule }) => rule);
        expect(matched).toEqual(trace.some(({ rule }) => rule === decision.rule) ? [decision.rule] : []);
        for (const [i, { matched, rollout, conditions }] of trace.entries()) {
          expect(conditions.result).toBe(recombine(conditions));
          if (matched)
            expect([document.rules[i]?.enabled, conditions.result, rollout ?? true]).toEqual([true, true, true]);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('a rule that is warned of as never reached never acts', () => {
    fc.assert(
      fc.property(anyDocument, fc.array(anyFacts, { minLength: 5, maxLength: 20 }), (document, calls) => {
        const silent = policyWarnings(document).filter(({ kind }) => kind === 'never' || kind === 'unreachable');
        const policy = policyOf(document);
        for (const facts of calls) {
          // Facts that no call can have, such as an hour of no moment, are not what a warning is about.
          if (!(Math.abs(facts.arrivedAt) <= 8e15) || !isWhole(facts)) continue;
          expect(silent.map(({ rule }) => rule)).not.toContain(decide(policy, facts).rule);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

test('explain shows each part with its result, in the words of the document', () => {
  const document: PolicyDocument = {
    rules: [
      {
        id: 'a',
        name: '',
        enabled: true,
        rollout: 0,
        when: {
          all: [{ field: 'tolerance', op: 'gte', value: '2m' }, { not: { field: 'batch.p50', op: 'lt', value: '1m' } }],
        },
        then: { lane: 'batch' },
      },
      {
        id: 'b',
        name: '',
        enabled: true,
        when: { any: [{}, { field: 'model', op: 'eq', value: 'x' }] },
        then: { lane: 'sync' },
      },
      { id: 'c', name: '', enabled: true, when: {}, then: { lane: 'batch' } },
    ],
    default: { lane: 'sync' },
  };
  const facts = { ...FACTS, measured: { ...FACTS.measured, batchP50: 90_000.4 } };
  expect(explain(policyOf(document), facts, notMeasured).trace).toEqual([
    {
      rule: 'a',
      matched: false,
      rollout: false,
      conditions: {
        all: [
          { field: 'tolerance', op: 'gte', value: '2m', actual: '10m', result: true },
          { not: { field: 'batch.p50', op: 'lt', value: '1m', actual: '90s', result: false }, result: true },
        ],
        result: true,
      },
    },
    {
      rule: 'b',
      matched: true,
      rollout: null,
      conditions: {
        any: [{ result: true }, { field: 'model', op: 'eq', value: 'x', actual: 'claude-opus-4-5', result: false }],
        result: true,
      },
    },
    { rule: 'c', matched: false, rollout: null, conditions: { result: true } },
  ]);
});

function turnKeys(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(turnKeys);
  if (typeof json !== 'object' || json === null) return json;
  return Object.fromEntries(
    Object.entries(json)
      .reverse()
      .map(([key, value]) => [key, turnKeys(value)]),
  );
}

function recombine(trace: ConditionTrace): boolean {
  if ('all' in trace) return trace.all.every(recombine);
  if ('any' in trace) return trace.any.some(recombine);
  if ('not' in trace) return !recombine(trace.not);
  return trace.result;
}

function isWhole({ toleranceMs, inputTokens, maxTokens, measured }: Facts): boolean {
  const whole = [toleranceMs, inputTokens, maxTokens, measured.batchSamples, measured.batchBacklog];
  const real = [measured.batchP90, measured.spendToday];
  return (
    whole.every((one) => one === null || (Number.isInteger(one) && one >= 0)) &&
    real.every((one) => one === null || (Number.isFinite(one) && one >= 0))
  );
}
