/** Shares forget: from here on what was counted counts half. */
const HALVED_AT = 400;

export type SavedShare = readonly [part: number, whole: number, calls: number];

/** Sums over calls: what is looked for, of how much, seen how often. */
export class Share {
  #part: number;
  #whole: number;
  #calls: number;

  /** @param least - calls below which nothing is measured. */
  constructor(
    [part, whole, calls]: SavedShare = [0, 0, 0],
    private readonly least = 20,
  ) {
    this.#part = part;
    this.#whole = whole;
    this.#calls = calls;
  }

  add(part: number, whole: number): void {
    if (this.#calls >= HALVED_AT) {
      this.#part /= 2;
      this.#whole /= 2;
      this.#calls /= 2;
    }
    this.#part += part;
    this.#whole += whole;
    this.#calls++;
  }

  get value(): number | null {
    return this.#calls >= this.least && this.#whole > 0 ? this.#part / this.#whole : null;
  }

  get saved(): SavedShare {
    return [this.#part, this.#whole, this.#calls];
  }
}
