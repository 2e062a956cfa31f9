/** Neighbouring bins differ by 4 %: the value that stands for a bin is within 2 % of everything in it. */
export const GAMMA = 1.04;
/** ms; what is shorter counts as nothing. */
export const SHORTEST_MS = 0.01;
/** The last bin also holds what is longer than about 40 days. */
export const LAST_BIN = 680;
/** A value that lies on an edge belongs below it, whatever its logarithm is rounded to. */
export const EDGE_SLACK = 1e-9;

const LOG_GAMMA = Math.log(GAMMA);

export function binOf(ms: number): number {
  if (ms <= SHORTEST_MS) return 0;
  return Math.min(LAST_BIN, Math.ceil(Math.log(ms / SHORTEST_MS) / LOG_GAMMA - EDGE_SLACK));
}

/** The value that is as far, in proportion, from both ends of the bin. */
export function binValue(bin: number): number {
  return bin === 0 ? 0 : (2 * SHORTEST_MS * GAMMA ** bin) / (GAMMA + 1);
}

/** How often durations of each size were seen. Merging two says the same as having counted all in one. */
export class Histogram {
  readonly #counts = new Float64Array(LAST_BIN + 1);
  #n = 0;

  get n(): number {
    return this.#n;
  }

  add(bin: number, count = 1): void {
    this.#counts[bin] = (this.#counts[bin] ?? 0) + count;
    this.#n += count;
  }

  merge(other: Histogram): void {
    other.#counts.forEach((count, bin) => {
      if (count > 0) this.add(bin, count);
    });
  }

  /** Nearest rank, within 2 %. @param shares of 1, ascending. @returns as many values; none of an empty histogram. */
  quantiles(shares: readonly number[]): number[] {
    const values: number[] = [];
    let bin = 0;
    let seen = this.#counts[0] ?? 0;
    if (this.#n === 0) return values;
    for (const share of shares) {
      const rank = Math.min(this.#n, Math.max(1, Math.ceil(share * this.#n)));
      while (seen < rank && bin < LAST_BIN) seen += this.#counts[++bin] ?? 0;
      values.push(binValue(bin));
    }
    return values;
  }

  /** Pairs of (step to the next bin, count), as variable-length numbers, after their number: may be concatenated. */
  encode(): Uint8Array {
    const bytes: number[] = [];
    const write = (value: number) => {
      let rest = value;
      for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
      bytes.push(rest);
    };
    const used = [...this.#counts.keys()].filter((bin) => (this.#counts[bin] ?? 0) > 0);
    write(used.length);
    let last = 0;
    for (const bin of used) {
      write(bin - last);
      write(this.#counts[bin] ?? 0);
      last = bin;
    }
    return Uint8Array.from(bytes);
  }

  /** Merges encoded histograms, one behind the other. @throws when the bytes end in the middle of one. */
  addEncoded(bytes: Uint8Array): void {
    let at = 0;
    const read = () => {
      let value = 0;
      for (let scale = 1; ; scale *= 0x80) {
        const byte = bytes[at++];
        if (byte === undefined) throw new Error('a histogram is cut short');
        value += (byte & 0x7f) * scale;
        if (byte < 0x80) return value;
      }
    };
    while (at < bytes.length) {
      let bin = 0;
      for (let left = read(); left > 0; left--) {
        bin += read();
        this.add(bin, read());
      }
    }
  }
}
