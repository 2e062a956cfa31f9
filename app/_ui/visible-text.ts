import { HIDDEN_CHARACTER } from '@/lib/core/hidden-characters';

export interface TextPart {
  text: string;
  /** A stand-in for a character that would not show itself. */
  marked: boolean;
}

/** Splits text that came from outside, with each hidden character replaced by its code point: `⟨U+202E⟩`. */
export function visibleParts(text: string, keepLines = false): TextPart[] {
  const parts: TextPart[] = [];
  let plain = '';
  for (const char of text) {
    const isLayout = keepLines && (char === '\n' || char === '\t');
    if (isLayout || !HIDDEN_CHARACTER.test(char)) {
      plain += char;
      continue;
    }
    if (plain) parts.push({ text: plain, marked: false });
    plain = '';
    parts.push({ text: codePoint(char), marked: true });
  }
  if (plain) parts.push({ text: plain, marked: false });
  return parts;
}

export function visibleText(text: string): string {
  return HIDDEN_CHARACTER.test(text)
    ? visibleParts(text)
        .map((part) => part.text)
        .join('')
    : text;
}

function codePoint(char: string): string {
  return `⟨U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`;
}
