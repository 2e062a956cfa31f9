import { describe, expect, it } from 'vitest';
import { previousRange, resolveRange } from './page-range';
import { pathAfterLogin } from './session';

const now = Date.parse('2026-11-24T12:00:00Z');

describe('previousRange', () => {
  it('is the period of the same length right before', () => {
    expect(previousRange({ from: 'now-6h', to: 'now', tz: 'UTC' }, now)).toEqual({
      from: '2026-11-24T00:00:00.000Z',
      to: '2026-11-24T06:00:00.000Z',
      tz: 'UTC',
    });
  });
});

describe('resolveRange', () => {
  it('snaps in the shown zone', () => {
    const { from, to } = resolveRange({ from: 'now-1d/d', to: 'now/d', tz: 'America/New_York' }, now);
    expect([from.toISOString(), to.toISOString()]).toEqual(['2026-11-23T05:00:00.000Z', '2026-11-24T05:00:00.000Z']);
  });
});

describe('pathAfterLogin', () => {
  it.each([
    ['/requests?model=a', '/requests?model=a'],
    [null, '/'],
    ['https://evil.example/', '/'],
    ['//evil.example/x', '/'],
    ['/\\evil.example', '/'],
    ['/login?next=/login', '/'],
    ['javascript:alert(1)', '/'],
  ])('%j leads to %s', (next, path) => {
    expect(pathAfterLogin(next, 'http://127.0.0.1:3000')).toBe(path);
  });
});
