/**
 * Characters that hide, reorder or break the text around them: controls (C0, C1, DEL), bidi marks, embeddings and
 * isolates, zero-width and other format characters, line and paragraph separators, tag characters, lone surrogates.
 * Source: Unicode UAX #9, UTR #36.
 */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029\u115F\u1160\u3164\uFFA0]/u;

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
    if (isLayout || !HIDDEN.test(char)) {
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
  return HIDDEN.test(text)
    ? visibleParts(text)
        .map((part) => part.text)
        .join('')
    : text;
}

function codePoint(char: string): string {
  return `⟨U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`;
}
