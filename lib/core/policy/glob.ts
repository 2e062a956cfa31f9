export type Glob = (text: string) => boolean;

/**
 * Compiles an anchored glob: `*` is any run of characters, the empty one too, `?` exactly one UTF-16 unit; all else
 * means itself, letter case included. Nothing escapes `*` or `?`.
 *
 * The pieces between stars are looked for from left to right and the leftmost place is always as good as any later one,
 * so nothing is tried twice: the time grows linearly with the text, whatever the pattern's stars.
 */
export function compileGlob(pattern: string): Glob {
  const pieces = pattern.split('*');
  const [first = ''] = pieces;
  if (pieces.length === 1) return (text) => text.length === first.length && fits(text, first, 0);
  const last = pieces.at(-1) ?? '';
  const middle = pieces.slice(1, -1).filter((piece) => piece !== '');
  const shortest = first.length + last.length;
  return (text) => {
    if (text.length < shortest || !fits(text, first, 0)) return false;
    const end = text.length - last.length;
    let at = first.length;
    for (const piece of middle) {
      const found = find(text, piece, at, end);
      if (found < 0) return false;
      at = found + piece.length;
    }
    return fits(text, last, end);
  };
}

/** Where `piece` first lies within `text[from, end)`, or −1. */
function find(text: string, piece: string, from: number, end: number): number {
  for (let at = from; at + piece.length <= end; at++) if (fits(text, piece, at)) return at;
  return -1;
}

function fits(text: string, piece: string, at: number): boolean {
  for (let i = 0; i < piece.length; i++) {
    const wanted = piece.charCodeAt(i);
    if (wanted !== QUESTION_MARK && wanted !== text.charCodeAt(at + i)) return false;
  }
  return true;
}

const QUESTION_MARK = 63;
