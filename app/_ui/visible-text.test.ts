import { describe, expect, it } from 'vitest';
import { visibleParts, visibleText } from './visible-text';

describe('visibleText', () => {
  it.each([
    ['plain', 'plain'],
    ['ünï 日本 🙂', 'ünï 日本 🙂'],
    ['a\u202eb', 'a⟨U+202E⟩b'],
    ['\u0007bell', '⟨U+0007⟩bell'],
    ['zero\u200bwidth', 'zero⟨U+200B⟩width'],
    ['\u2066iso\u2069', '⟨U+2066⟩iso⟨U+2069⟩'],
    ['tag\u{e0041}', 'tag⟨U+E0041⟩'],
    ['new\nline', 'new⟨U+000A⟩line'],
    ['lone \ud800', 'lone ⟨U+D800⟩'],
  ])('%j reads %j', (text, shown) => {
    expect(visibleText(text)).toBe(shown);
  });

  it('keeps the lines of a body, and nothing else', () => {
    const parts = visibleParts('a\n\tb\r\u202e', true);
    expect(parts.map(({ text }) => text).join('')).toBe('a\n\tb⟨U+000D⟩⟨U+202E⟩');
    expect(parts.filter(({ marked }) => marked)).toHaveLength(2);
  });
});
