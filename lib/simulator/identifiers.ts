import { hash53 } from './seeded-random';

const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

/** `msg_01…`-like ids: the prefix, "01" and 22 letters made of 106 bits that depend only on `purpose`. */
export function derivedId(prefix: string, purpose: string): string {
  return `${prefix}_01${letters(hash53(`${prefix}|a|${purpose}`))}${letters(hash53(`b|${purpose}|${prefix}`))}`;
}

function letters(value: number): string {
  let rest = value;
  let text = '';
  for (let index = 0; index < 11; index++) {
    text += ALPHABET[rest % 58];
    rest = Math.floor(rest / 58);
  }
  return text;
}

/** A UUID that depends only on `purpose`. */
export function derivedUuid(purpose: string): string {
  const hex = [0, 1, 2]
    .map((part) => hash53(`uuid|${part}|${purpose}`).toString(16).padStart(14, '0').slice(-12))
    .join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Ids in the order of use: unlike answers they must never repeat, not even after a restart with the same seed. */
export class IdSequence {
  readonly #nonce: string;
  #count = 0;

  /** @param nonce - differs between two runs of a simulator */
  constructor(nonce: string) {
    this.#nonce = nonce;
  }

  next(prefix: string): string {
    this.#count += 1;
    return derivedId(prefix, `${this.#nonce}|${this.#count}`);
  }
}
