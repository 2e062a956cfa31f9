import { describe, expect, test } from 'vitest';
import { type PrefixCall, PrefixMemory } from './prefix-memory';

const MINUTE = 60_000;
const call = (hashes: string[], session: string | null = null, over: Partial<PrefixCall> = {}): PrefixCall => ({
  scope: 'key model',
  hashes,
  ttl: '5m',
  session,
  ...over,
});

/** A call that was answered at once. */
function use(
  memory: PrefixMemory,
  one: PrefixCall,
  at: number,
  over: Partial<Parameters<PrefixMemory['answered']>[2]> = {},
) {
  const state = memory.arrived(one, at);
  memory.answered(one, state, { lane: 'sync', arrivedAt: at, answeredAt: at, read: 0, written: 0, ...over });
  return state;
}

describe('sightings', () => {
  test('of the longest prefix that is known; only sync keeps it warm', () => {
    const memory = new PrefixMemory();
    expect(memory.arrived(call(['a']), 0)).toMatchObject({ lastSyncAt: null, recentUses: 0 });
    use(memory, call(['a', 'ab']), 1_000);
    use(memory, call(['a', 'ab']), 2_000, { lane: 'batch' });
    expect(memory.arrived(call(['a', 'ab', 'abc']), 3_000)).toMatchObject({ lastSyncAt: 1_000, recentUses: 1 });
    use(memory, call(['a', 'x']), 4_000);
    expect(memory.arrived(call(['a']), 5_000)).toMatchObject({ lastSyncAt: 4_000, recentUses: 2 });
    expect(memory.arrived(call(['a', 'ab']), 5_000)).toMatchObject({ lastSyncAt: 1_000, recentUses: 1 });
    expect(memory.arrived(call(['a']), 4_000 + 5 * MINUTE)).toMatchObject({ lastSyncAt: 4_000, recentUses: 0 });
    expect(memory.arrived(call([]), 5_000)).toMatchObject({ lastSyncAt: null });
  });

  test('the longest that sync keeps warm may be shorter than the longest that is known', () => {
    const memory = new PrefixMemory();
    const whole = call(['a', 'ab', 'abc']);
    expect(memory.warmHash(whole, 0)).toBeNull();
    use(memory, call(['a']), 1_000);
    use(memory, call(['a', 'ab']), 2_000, { lane: 'batch' });
    expect(memory.warmHash(whole, 3_000)).toBe('a');
    use(memory, call(['a', 'ab']), 4_000);
    expect(memory.warmHash(whole, 3_000)).toBe('a');
    expect(memory.warmHash(whole, 5_000)).toBe('ab');
    expect(memory.warmHash(whole, 4_000 + 5 * MINUTE)).toBeNull();
  });

  test('are bounded: the oldest go first', () => {
    const memory = new PrefixMemory(2);
    for (const [i, hash] of ['a', 'b', 'a', 'c'].entries()) use(memory, call([hash]), i);
    expect(memory.arrived(call(['a']), 9).lastSyncAt).toBe(2);
    expect(memory.arrived(call(['b']), 9).lastSyncAt).toBeNull();
  });
});

describe('calls of other processes', () => {
  test('are remembered like own ones, also when they are told late and in another order', () => {
    const told = new PrefixMemory();
    const own = new PrefixMemory();
    const calls = Array.from({ length: 60 }, (_, i) => ({
      one: call(i % 3 ? ['shared', `turn ${i}`] : ['shared'], `s${i % 4}`),
      outcome: {
        lane: 'sync' as const,
        arrivedAt: i * 20_000,
        answeredAt: i * 20_000 + 500,
        read: i ? 90 : 0,
        written: 10,
      },
    }));
    for (const { one, outcome } of calls) own.answered(one, own.arrived(one, outcome.arrivedAt), outcome);
    const late = calls.map((each, i) => calls[i % 2 ? i - 1 : Math.min(i + 1, calls.length - 1)] ?? each);
    for (const { one, outcome } of late) told.heard(one, outcome);
    const at = 61 * 20_000;
    const { neededRefreshShare, ...state } = own.arrived(call(['shared', 'new']), at);
    expect(told.arrived(call(['shared', 'new']), at)).toMatchObject(state);
    expect(neededRefreshShare).not.toBeNull();
  });

  test('that were answered after another arrived were not known to that one', () => {
    const memory = new PrefixMemory();
    use(memory, call(['a']), 9_000);
    expect(memory.arrived(call(['a']), 8_000).lastSyncAt).toBeNull();
  });

  test('their shares can be kept and taken up again', () => {
    const memory = new PrefixMemory();
    for (let i = 0; i < 30; i++) use(memory, call(['a']), i, { read: 900, written: 100 });
    const saved = memory.sharesOf('key model');
    const next = new PrefixMemory();
    if (saved) next.restore('key model', JSON.parse(JSON.stringify(saved)));
    expect(next.arrived(call(['b']), 99).syncReadShare).toBeCloseTo(0.9, 12);
    expect(next.sharesOf('key model')).toEqual(saved);
    expect(next.sharesOf('other')).toBeNull();
  });
});

describe('shares', () => {
  const last = (memory: PrefixMemory, at: number) => memory.arrived(call(['other']), at);

  test('what was read, of warm prefixes by sync and of all by batch; null below twenty', () => {
    const memory = new PrefixMemory();
    use(memory, call(['a']), 0, { written: 1_000 });
    for (let i = 1; i <= 19; i++) use(memory, call(['a']), i, { read: 900, written: 100 });
    expect(last(memory, 20)).toMatchObject({ syncReadShare: null, batchReadShare: null });
    use(memory, call(['a']), 20, { read: 900, written: 100 });
    for (let i = 0; i < 20; i++)
      use(memory, call(['b']), i, { lane: 'batch', read: i < 5 ? 100 : 0, written: i < 5 ? 0 : 100 });
    const state = last(memory, 30);
    expect(state.syncReadShare).toBeCloseTo(0.9, 12);
    expect(state.batchReadShare).toBeCloseTo(0.25, 12);
  });

  test('a loop needs each refresh, but for its last; in the batch lane too', () => {
    const memory = new PrefixMemory();
    for (let loop = 0; loop < 10; loop++) {
      const at = loop * 60 * MINUTE;
      for (let turn = 0; turn < 5; turn++) {
        const hashes = Array.from({ length: turn + 1 }, (_, i) => `${loop}.${i}`);
        use(memory, call(hashes, `s${loop}`), at + turn * 10_000, { lane: loop % 2 ? 'batch' : 'sync' });
      }
    }
    expect(last(memory, 999 * MINUTE).neededRefreshShare).toBeCloseTo(0.8, 12);
  });

  test('a loop whose mark moves on with its conversation needs each refresh as well', () => {
    const memory = new PrefixMemory();
    for (let loop = 0; loop < 10; loop++) {
      for (let turn = 0; turn < 5; turn++) {
        const one = call([`system ${loop}`, `${loop}.${turn}`], `s${loop}`);
        use(memory, one, loop * 60 * MINUTE + turn * 10_000, { lane: loop % 2 ? 'batch' : 'sync' });
      }
    }
    expect(last(memory, 999 * MINUTE).neededRefreshShare).toBeCloseTo(0.8, 12);
  });

  test('before anything is measured, a session that comes back says nothing', () => {
    const memory = new PrefixMemory();
    use(memory, call(['system', 'a'], 's1'), 0, { lane: 'batch' });
    expect(memory.look(call(['system', 'b'], 's1'), MINUTE).neededRefreshShare).toBeNull();
  });

  test('a prefix that others keep warm does not need one more', () => {
    const memory = new PrefixMemory();
    for (let i = 0; i < 100; i++) use(memory, call(['shared'], `s${i % 10}`), i * 1_000);
    expect(last(memory, 100_000).neededRefreshShare).toBeLessThan(0.05);
  });

  test('what comes again after its TTL, or never, needed none', () => {
    const memory = new PrefixMemory();
    for (let i = 0; i < 30; i++) use(memory, call(['slow'], 's'), i * 6 * MINUTE);
    for (let i = 0; i < 30; i++) use(memory, call([`once ${i}`]), 200 * MINUTE + i);
    expect(last(memory, 900 * MINUTE).neededRefreshShare).toBe(0);
  });
});
