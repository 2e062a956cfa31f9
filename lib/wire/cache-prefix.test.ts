import { describe, expect, it } from 'vitest';
import { cachePrefixes } from './cache-prefix';

const cached = { type: 'ephemeral' };
const turn = (role: string, text: string, mark?: object) => ({
  role,
  content: [{ type: 'text', text, ...(mark && { cache_control: mark }) }],
});

describe('cacheable prefixes', () => {
  it('end at their marks, shortest first', () => {
    const body = {
      tools: [{ name: 't', cache_control: { type: 'ephemeral', ttl: '1h' } }],
      system: [{ type: 'text', text: 'You are.', cache_control: cached }],
      messages: [turn('user', 'hi', cached)],
    };
    const prefixes = cachePrefixes(body);
    expect(prefixes.map(({ ttlMs }) => ttlMs)).toEqual([3_600_000, 300_000, 300_000]);
    const tokens = prefixes.map(({ tokens: n }) => n);
    expect([...tokens].sort((a, b) => a - b)).toEqual(tokens);
    expect(new Set(prefixes.map(({ hash }) => hash)).size).toBe(3);
  });

  it('of the next turn begin with those of the last', () => {
    const first = [turn('user', 'one', cached)];
    const [before] = cachePrefixes({ messages: first });
    // The mark moves on; what it stood behind is marked no more or still: the prefix is the same.
    const after = cachePrefixes({ messages: [...first, turn('assistant', 'two'), turn('user', 'three', cached)] });
    expect(after[0]?.hash).toBe(before?.hash);
    expect(after).toHaveLength(2);
  });

  it('differ when anything before the mark does', () => {
    const hashOf = (system: string) => cachePrefixes({ system, messages: [turn('user', 'x', cached)] })[0]?.hash;
    expect(hashOf('a')).not.toBe(hashOf('b'));
  });

  it('are none without a mark, and one for the whole prompt with a mark on the body', () => {
    const messages = [turn('user', 'x')];
    expect(cachePrefixes({ messages })).toEqual([]);
    expect(cachePrefixes({ messages, cache_control: cached })).toHaveLength(1);
    expect(cachePrefixes({ messages: 'odd', tools: 7, system: null })).toEqual([]);
  });
});
