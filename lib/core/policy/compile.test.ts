// biome-ignore-all lint/suspicious/noThenProperty: the document's own word
import { describe, expect, test } from 'vitest';
import { compilePolicy, firstMatch } from './compile';
import type { Condition } from './condition';
import type { PolicyDocument } from './document';
import type { Facts, Measured } from './facts';

const MEASURED: Measured = {
  batchP50: 60_000,
  batchP90: 600_000.5,
  batchP95: null,
  batchSamples: 40,
  batchBacklog: 0,
  syncP95: 8_000,
  spendToday: 12.5,
};

const FACTS: Facts = {
  requestId: 'opr_1',
  sessionId: null,
  arrivedAt: Date.parse('2026-11-22T23:30:00Z'),
  model: 'claude-opus-4-5',
  toleranceMs: 600_000,
  optedOut: false,
  key: 'Nightly',
  tags: { team: 'search' },
  client: 'sdk-python',
  agent: 'none',
  stream: false,
  inputTokens: 1_000,
  maxTokens: null,
  hasTools: true,
  hasThinking: false,
  prefixWarm: null,
  header: (name) => (name === 'x-job' ? 'build-7' : null),
  measured: MEASURED,
  ineligible: null,
  laneDown: false,
  syncNeedMs: 0,
};

function holds(when: Condition, facts: Partial<Facts> = {}, timeZone = 'UTC'): boolean {
  const rule = { id: 'r', name: '', enabled: true, when, then: { lane: 'sync' as const } };
  const document: PolicyDocument = { timeZone, rules: [rule], default: { lane: 'sync' } };
  return firstMatch(compilePolicy(document, { version: 1, paused: false }), { ...FACTS, ...facts }) !== null;
}

describe('a comparison', () => {
  test.each([
    ['model', 'eq', 'claude-opus-4-5', true],
    ['model', 'eq', 'Claude-Opus-4-5', false],
    ['model', 'ne', 'claude-opus-4-5', false],
    ['model', 'glob', 'claude-*-4-?', true],
    ['model', 'in', ['a', 'claude-opus-4-5'], true],
    ['model', 'in', [], false],
    ['tolerance', 'eq', '10m', true],
    ['tolerance', 'eq', '600s', true],
    ['tolerance', 'gt', '10m', false],
    ['tolerance', 'gte', '10m', true],
    ['tolerance', 'gt', 'interactive', true],
    ['tolerance', 'in', ['1h', '600000ms'], true],
    ['key', 'eq', 'Nightly', true],
    ['tag.team', 'eq', 'search', true],
    ['tag.constructor', 'exists', true, false],
    ['tag.constructor', 'exists', false, true],
    ['client', 'glob', 'sdk-*', true],
    ['agent', 'eq', 'none', true],
    ['stream', 'eq', false, true],
    ['stream', 'ne', false, false],
    ['input_tokens', 'lte', 1_000, true],
    ['input_tokens', 'lt', 1_000, false],
    ['has_tools', 'eq', true, true],
    ['has_thinking', 'eq', true, false],
    ['hour', 'eq', 23, true],
    ['weekday', 'eq', 7, true],
    ['header.x-job', 'glob', 'build-*', true],
    ['header.X-Job', 'exists', true, true],
    ['batch.p50', 'eq', '1m', true],
    ['batch.p90', 'gt', '10m', true],
    ['batch.samples', 'gte', 40, true],
    ['batch.backlog', 'eq', 0, true],
    ['batch.backlog', 'exists', true, true],
    ['sync.p95', 'lt', '10s', true],
    ['spend.today', 'gt', 12.49, true],
  ] as [string, 'eq', string, boolean][])('%s %s %j: %s', (field, op, value, expected) => {
    expect(holds({ field, op, value })).toBe(expected);
  });

  test('of hour and weekday is in the zone of the policy', () => {
    const monday = {
      all: [{ field: 'hour', op: 'eq', value: 0 } as const, { field: 'weekday', op: 'eq', value: 1 } as const],
    };
    expect(holds(monday, {}, 'Europe/Berlin')).toBe(true);
    expect(holds(monday, {}, 'UTC')).toBe(false);
  });
});

describe('a missing field', () => {
  test.each([
    ['eq', 1, false],
    ['ne', 1, true],
    ['in', [0, 1], false],
    ['lt', 1, false],
    ['lte', 1, false],
    ['gt', 0, false],
    ['gte', 0, false],
    ['exists', true, false],
    ['exists', false, true],
  ] as ['eq', number, boolean][])('%s %j: %s', (op, value, expected) => {
    expect(holds({ field: 'max_tokens', op, value })).toBe(expected);
  });

  test.each([
    { field: 'model', op: 'glob', value: '*' },
    { field: 'tolerance', op: 'gte', value: 'interactive' },
    { field: 'key', op: 'in', value: ['null', ''] },
    { field: 'prefix_warm', op: 'eq', value: false },
    { field: 'header.nope', op: 'eq', value: '' },
    { field: 'batch.p95', op: 'lt', value: '24h' },
  ] as const)('$field $op fails', ({ field, op, value }) => {
    const one: Condition = { field, op, value: typeof value === 'object' ? [...value] : value };
    const facts = { model: null, toleranceMs: null, key: null };
    expect(holds(one, facts)).toBe(false);
    expect(holds({ not: one }, facts)).toBe(true);
  });
});

describe('a shape', () => {
  const yes: Condition = {};
  const no: Condition = { any: [] };
  test.each([
    [{}, true],
    [{ all: [] }, true],
    [{ any: [] }, false],
    [{ not: {} }, false],
    [{ all: [yes, yes] }, true],
    [{ all: [yes, no] }, false],
    [{ all: [yes, yes, no, yes] }, false],
    [{ any: [no, yes] }, true],
    [{ any: [no, no, yes] }, true],
    [{ any: [no, no] }, false],
    // The siblings of a nested `any` count.
    [{ all: [{ any: [yes, no] }, no] }, false],
  ] as [Condition, boolean][])('%j: %s', (when, expected) => expect(holds(when)).toBe(expected));
});
