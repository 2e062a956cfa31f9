/** A seeded stream of draws: the same seed makes the same traffic. */
export class Draws {
  #state: number;

  constructor(seed: number) {
    this.#state = Math.imul(seed | 0, 0x9e3779b1) ^ 0x85ebca6b;
  }

  /** 32 bits (mulberry32). */
  bits(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  /** Uniform in [0, 1). */
  next(): number {
    return this.bits() / 4_294_967_296;
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  pick<T>(all: readonly [T, ...T[]]): T {
    return all[Math.floor(this.next() * all.length)] ?? all[0];
  }

  /** By weight; the last one takes what rounding leaves. */
  weighted<T extends { weight: number }>(all: readonly [T, ...T[]]): T {
    let total = 0;
    for (const { weight } of all) total += weight;
    let left = this.next() * total;
    for (const one of all) {
      left -= one.weight;
      if (left < 0) return one;
    }
    return all[0];
  }

  lognormal(median: number, sigma: number): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.next()));
    return median * Math.exp(sigma * radius * Math.cos(2 * Math.PI * this.next()));
  }

  bytes(count: number): Uint8Array {
    const bytes = new Uint8Array(count);
    for (let i = 0; i < count; i += 4) {
      const bits = this.bits();
      for (let j = i; j < Math.min(count, i + 4); j++) bytes[j] = (bits >>> (8 * (j - i))) & 0xff;
    }
    return bytes;
  }
}
