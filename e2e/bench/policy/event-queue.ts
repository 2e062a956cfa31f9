/** What happens next: a binary heap over time; of one moment, what was pushed first. */
export class EventQueue {
  readonly #heap: { at: number; nth: number; run(at: number): void }[] = [];
  #pushed = 0;

  push(at: number, run: (at: number) => void): void {
    const heap = this.#heap;
    heap.push({ at, nth: this.#pushed++, run });
    for (let i = heap.length - 1; i > 0; ) {
      const parent = (i - 1) >> 1;
      if (!this.#isBefore(i, parent)) break;
      this.#swap(i, parent);
      i = parent;
    }
  }

  /** Runs everything, also what is pushed meanwhile. */
  drain(): void {
    const heap = this.#heap;
    for (let next = heap[0]; next; next = heap[0]) {
      const last = heap.pop();
      if (last && heap.length > 0) {
        heap[0] = last;
        this.#sink();
      }
      next.run(next.at);
    }
  }

  #sink(): void {
    for (let i = 0; ; ) {
      const left = 2 * i + 1;
      const least = left + 1 < this.#heap.length && this.#isBefore(left + 1, left) ? left + 1 : left;
      if (least >= this.#heap.length || !this.#isBefore(least, i)) return;
      this.#swap(i, least);
      i = least;
    }
  }

  #isBefore(i: number, j: number): boolean {
    const [a, b] = [this.#heap[i], this.#heap[j]];
    return a !== undefined && b !== undefined && (a.at < b.at || (a.at === b.at && a.nth < b.nth));
  }

  #swap(i: number, j: number): void {
    const [a, b] = [this.#heap[i], this.#heap[j]];
    if (a && b) [this.#heap[i], this.#heap[j]] = [b, a];
  }
}
