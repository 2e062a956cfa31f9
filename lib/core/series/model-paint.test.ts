import { describe, expect, it } from 'vitest';
import { HUES, modelPaint, SHADES } from './model-paint';

describe('modelPaint', () => {
  it('keeps a family in one hue and gives its newest version the base shade, solid', () => {
    expect(modelPaint('claude-sonnet-5-5')).toEqual({ hue: 0, shade: 0, dash: '' });
    expect(modelPaint('claude-opus-5-5')).toEqual({ hue: 1, shade: 0, dash: '' });
    expect(modelPaint('claude-sonnet-4-6').hue).toBe(0);
  });

  it('tells the versions in use apart', () => {
    const versions = ['5-5', '5', '4-8', '4-7', '4-6', '4-5-20251101'].map((v) => modelPaint(`claude-opus-${v}`));
    expect(new Set(versions.map(({ shade, dash }) => `${shade} ${dash}`)).size).toBe(6);
  });

  it('ignores the date of a snapshot', () => {
    expect(modelPaint('claude-haiku-4-5-20251001')).toEqual(modelPaint('claude-haiku-4-5'));
  });

  it.each(['gpt-x', '', 'claude-', 'claude-nova-6', '\u202e', '__proto__', 'claude-constructor-5'])(
    'has a paint for %j, outside the families',
    (model) => {
      const { hue, shade } = modelPaint(model);
      expect(hue).toBeGreaterThanOrEqual(5);
      expect(hue).toBeLessThan(HUES);
      expect(shade).toBeLessThan(SHADES);
    },
  );
});
