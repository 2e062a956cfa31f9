interface Event {
  at: number;
  order: number;
  act: () => void;
}

/**
 * Time that passes only here. Between two events everything that can run has run, so that a run depends on its seed
 * alone.
 */
export class SimTime {
  #now: number;
  #order = 0;
  /** A heap: the next event first. */
  readonly #events: Event[] = [];

  constructor(startMs: number) {
    this.#now = startMs;
  }

  readonly now = (): number => this.#now;

  at(at: number, act: () => void): void {
    const event = { at: Math.max(at, this.#now), order: this.#order++, act };
    const heap = this.#events;
    let hole = heap.push(event) - 1;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      const above = heap[parent];
      if (!above || isBefore(above, event)) break;
      heap[hole] = above;
      hole = parent;
    }
    heap[hole] = event;
  }

  after(ms: number, act: () => void): void {
    this.at(this.#now + ms, act);
  }

  sleep(ms: number): Promise<void> {
    return this.until(this.#now + ms);
  }

  until(at: number): Promise<void> {
    return new Promise((resolve) => this.at(at, resolve));
  }

  /** Lets time pass, event by event, until `isOver`; false: there is nothing left to happen, or `end` is reached. */
  async run(end: number, isOver: () => boolean, afterEach: () => void): Promise<boolean> {
    await drained();
    while (!isOver()) {
      const event = this.#take();
      if (!event || event.at > end) return false;
      this.#now = event.at;
      event.act();
      await drained();
      afterEach();
    }
    return true;
  }

  #take(): Event | undefined {
    const heap = this.#events;
    const top = heap[0];
    const last = heap.pop();
    if (!top || !last || heap.length === 0) return top;
    let hole = 0;
    for (;;) {
      let child = 2 * hole + 1;
      const [left, right] = [heap[child], heap[child + 1]];
      if (!left) break;
      if (right && isBefore(right, left)) child++;
      const below = heap[child];
      if (!below || isBefore(last, below)) break;
      heap[hole] = below;
      hole = child;
    }
    heap[hole] = last;
    return top;
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

/** Every promise that could go on has gone on. */
function drained(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
