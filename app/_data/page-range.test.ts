import { describe, expect, it } from 'vitest';
import { pageSuffix, previousRange, resolveRange } from './page-range';
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

describe('pageSuffix', () => {
  it('carries range and filters along, but for what the path says itself', () => {
    const shared = { from: 'now-6h', to: 'now', tz: null, model: ['a', 'b'], lane: ['batch' as const], key: [] };
    const query = (path: string) => new URLSearchParams(pageSuffix(path, shared).split('?')[1]);
    expect([...query('/cost')].sort()).toEqual([
      ['from', 'now-6h'],
      ['lane', 'batch'],
      ['model', 'a'],
      ['model', 'b'],
    ]);
    expect(query('/requests?model=c&status=failed').getAll('model')).toEqual(['c']);
    expect(query('/requests?model=c&status=failed').get('status')).toBe('failed');
  });

  it('keeps what a zoom began from', () => {
    const unzoom = { from: 'now-7d', to: 'now' };
    expect(pageSuffix('/', { from: '2026-11-24T10:00:00.000Z', unzoom })).toContain('unzoom=now-7d~now');
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
