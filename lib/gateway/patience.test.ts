import { expect, test } from 'vitest';
import type { Client } from '@/lib/core/request-states';
import { bearsProcessing, listensForMs, patienceOf, retriesLeft } from './patience';

const timeout = (seconds: string): [string, string] => ['X-Stainless-Timeout', seconds];
const VIA: [string, string] = ['via', '1.1 proxy'];
const FORWARDED: [string, string] = ['x-forwarded-for', '10.0.0.1'];

test.each<[string, Client, [string, string][], number | null, number]>([
  ['what it announces, less the way', 'sdk-ts', [timeout('100')], null, 95_000],
  ['of a short timeout half a second for the way', 'sdk-ts', [timeout('4')], null, 3_500],
  ['and half of a very short one', 'sdk-ts', [timeout('0.6')], null, 300],
  ['Node’s own limit', 'sdk-ts', [timeout('600')], null, 285_000],
  ['Python has none', 'sdk-python', [timeout('600')], null, 570_000],
  ['nobody knows', 'other', [], null, 55_000],
  ['no number', 'sdk-ts', [timeout('soon')], null, 55_000],
  ['no time', 'sdk-ts', [timeout('0')], null, 55_000],
  ['Claude Code, which says nothing', 'claude-code', [], null, 270_000],
  ['behind a proxy', 'sdk-python', [timeout('600'), VIA], null, 55_000],
  ['behind a load balancer', 'sdk-ts', [timeout('600'), FORWARDED], null, 55_000],
  ['Claude Code behind one', 'claude-code', [FORWARDED], null, 55_000],
  ['less than that behind one', 'sdk-ts', [timeout('10'), FORWARDED], null, 9_500],
  ['its key says so', 'other', [VIA], 120_000, 120_000],
])('bears silence: %s', (_, client, headers, keyPatienceMs, wanted) => {
  expect(patienceOf(headers, client, keyPatienceMs)).toBe(wanted);
});

test('102 is for the one client that was seen to bear it', () => {
  const node: [string, string][] = [['x-stainless-runtime', 'node']];
  expect(bearsProcessing(node, 'sdk-ts')).toBe(true);
  expect(bearsProcessing([['x-stainless-runtime', 'deno']], 'sdk-ts')).toBe(false);
  expect(bearsProcessing(node, 'claude-code')).toBe(false);
  expect(bearsProcessing([], 'sdk-python')).toBe(false);
});

test('a try is gone, whatever it failed of', () => {
  const third: [string, string][] = [['x-stainless-retry-count', '2']];
  expect(retriesLeft([], 3)).toBe(3);
  expect(retriesLeft(third, 3, 1)).toBe(1);
  expect(retriesLeft(third, 3, 3)).toBe(0);
  expect(retriesLeft(third, 1)).toBe(0);
});

test('only Claude Code’s streams end by themselves, and later where they are handed over', () => {
  expect(listensForMs('sdk-ts', true, 5, 1_000)).toBeNull();
  expect(listensForMs('claude-code', false, 5, 1_000)).toBeNull();
  expect(listensForMs('claude-code', true, 0, 270_000)).toBe(285_000);
  expect(listensForMs('claude-code', true, 2, 270_000)).toBe(2 * 270_000 + 285_000);
});
