import { describe, expect, it } from 'vitest';
import { PriceBook } from './pricing';
import { NO_PROBES, type ProbeSettings, probeState, worstProbeCost } from './probing';

const SETTINGS: ProbeSettings = { enabled: true, intervalMs: 60_000, models: ['m'], dailyCapPico: 100n };
const SEEN = {
  paused: false,
  hasCredential: true,
  worst: { batchPico: 10n, syncPico: 20n },
  spentPico: 70n,
  lastAt: 1_000,
  now: 61_000,
};

describe('a model', () => {
  it.each([
    ['due', {}, {}],
    ['due', {}, { lastAt: null }],
    ['capped', {}, { spentPico: 71n }],
    ['fresh', {}, { now: 60_999, spentPico: 71n }],
    ['unpriced', {}, { worst: null }],
    ['no_credential', {}, { hasCredential: false, worst: null }],
    ['paused', {}, { paused: true, hasCredential: false }],
    ['off', { enabled: false }, { paused: true }],
  ] as const)('is %s', (state, settings, seen) => {
    expect(probeState({ ...SETTINGS, ...settings }, { ...SEEN, ...seen })).toBe(state);
  });

  it('is not probed until someone says so', () => {
    expect(probeState(NO_PROBES, SEEN)).toBe('off');
  });

  it('without a price has no worst cost', () => {
    expect(worstProbeCost(new PriceBook([]), 'm', 0)).toBeNull();
  });
});
