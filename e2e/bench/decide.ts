// biome-ignore-all lint/suspicious/noThenProperty: the document's own word
import { decide } from '@/lib/core/decide';
import { compilePolicy } from '@/lib/core/policy/compile';
import type { Comparison, Condition } from '@/lib/core/policy/condition';
import type { Rule } from '@/lib/core/policy/document';
import type { Facts } from '@/lib/core/policy/facts';
import type { BenchTable } from './table';

const CALLS = 1_000;
const ROUNDS = 300;

const is = (field: string, op: Comparison['op'], value: Comparison['value']): Condition => ({ field, op, value });

/** As operators write them, none of which holds, so that each is asked. */
const CONDITIONS: Condition[] = [
  { all: [is('tag.job', 'eq', 'nightly'), is('tolerance', 'gte', '10m')] },
  { all: [is('model', 'glob', 'claude-haiku-*'), { not: is('client', 'eq', 'claude-code') }] },
  { any: [is('key', 'in', ['evals', 'ci']), is('header.x-team', 'eq', 'search')] },
  { all: [is('agent', 'eq', 'subagent'), is('stream', 'eq', true), is('max_tokens', 'lte', 4_096)] },
  { all: [is('hour', 'gte', 22), is('weekday', 'in', [6, 7])] },
  { all: [is('batch.p95', 'lt', '10m'), is('batch.samples', 'gte', 50)] },
  is('spend.today', 'gt', 500),
  { all: [is('input_tokens', 'gt', 100_000), is('has_tools', 'eq', true)] },
  is('tag.team', 'in', ['billing', 'growth', 'data']),
  { all: [is('prefix_warm', 'eq', true), is('tolerance', 'gt', '1h')] },
];

/** What one decision costs, by how many rules are asked before the default acts; beside reading the call's JSON. */
export async function benchDecide(): Promise<BenchTable> {
  const rows = [1, 10, 50, 200].map((rules) => {
    const us = microseconds(rules);
    return [rules, us.toFixed(2), (us / parsing()).toFixed(2)];
  });
  return { title: 'One decision', columns: ['rules', 'µs', 'of parsing a body of 4 KB'], rows };
}

function microseconds(count: number): number {
  const rules = Array.from({ length: count }, (_, i): Rule => {
    const when = CONDITIONS[i % CONDITIONS.length] ?? {};
    return { id: `rule-${i}`, name: `Rule ${i}`, enabled: true, when, then: { lane: 'batch' } };
  });
  const document = { timeZone: 'Europe/Berlin', rules, default: { lane: 'sync' as const } };
  const policy = compilePolicy(document, { version: 1, paused: false });
  const calls = Array.from({ length: CALLS }, (_, i) => factsOf(i));
  return fastest(() => {
    for (const facts of calls) if (decide(policy, facts).rule !== 'default') throw new Error('a rule matched');
  });
}

function parsing(): number {
  const body = JSON.stringify({
    model: 'm',
    max_tokens: 1,
    messages: [{ role: 'user', content: 'four words of text '.repeat(210) }],
  });
  return fastest(() => {
    for (let i = 0; i < CALLS; i++) JSON.parse(body);
  });
}

/** µs of one of `CALLS`, in the median round, when the code is warm. */
function fastest(round: () => void): number {
  const took = Array.from({ length: ROUNDS }, () => {
    const startedAt = performance.now();
    round();
    return performance.now() - startedAt;
  });
  const warm = took.slice(ROUNDS / 2).sort((a, b) => a - b);
  return ((warm[Math.floor(warm.length / 2)] ?? 0) * 1_000) / CALLS;
}

function factsOf(i: number): Facts {
  return {
    requestId: `01936b3c-0000-7000-8000-${String(i).padStart(12, '0')}`,
    sessionId: null,
    arrivedAt: Date.UTC(2026, 10, 25, 12) + i * 1_000,
    model: i % 2 ? 'claude-opus-5-5' : 'claude-sonnet-5-5',
    toleranceMs: 300_000,
    optedOut: false,
    key: 'fleet',
    tags: { team: 'search' },
    client: 'sdk-ts',
    agent: 'none',
    stream: i % 3 === 0,
    inputTokens: 5_000 + i,
    maxTokens: 8_000,
    hasTools: true,
    hasThinking: false,
    prefixWarm: null,
    header: () => null,
    measured: {
      batchP50: 120_000,
      batchP90: 400_000,
      batchP95: 900_000,
      batchSamples: 400,
      batchBacklog: 3,
      syncP95: 9_000,
      spendToday: 12.5,
    },
    ineligible: null,
    laneDown: false,
    syncNeedMs: 9_000,
  };
}
