import { SeededRandom } from './seeded-random';

const WORDS =
  `the plan reads each record once then groups them by owner and writes a short summary with the open questions first because
  a reviewer needs context before detail so we keep names stable check every boundary measure twice note what changed and why it
  matters leave the rest as it was and return early when nothing is left to do otherwise explain the trade in plain words`.split(
    /\s+/,
  );

/** Enough prose to cut any answer from; sentences, so that it reads as one. */
const PROSE = makeProse();

function makeProse(): string {
  const random = new SeededRandom(7, 'prose');
  let text = '';
  while (text.length < 1 << 16) {
    const words = Array.from({ length: random.integer(6, 16) }, () => random.pick(WORDS));
    const sentence = words.join(' ');
    text += `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}. `;
  }
  return text;
}

/** ASCII prose of exactly `length` characters that depends only on the stream's next draw. */
export function fillerText(length: number, random: SeededRandom): string {
  if (length <= 0) return '';
  let start = random.integer(0, PROSE.length - 1);
  // Starts at a word, so that a short answer does not begin in the middle of one.
  start = (PROSE.indexOf(' ', start) + 1) % PROSE.length;
  let text = PROSE.slice(start, start + length);
  while (text.length < length) text += PROSE.slice(0, length - text.length);
  return text;
}
