/**
 * Work that goes on beside the turns of the lane, by name. A call of upstream can hang for as long as its watchdog lets
 * it; what showed no sign of life for too long is not waited for any more, and whatever it writes late is conditional.
 */
export class UnderWay {
  readonly #running = new Map<string, { run: Promise<void>; aliveAt: number }>();

  get size(): number {
    return this.#running.size;
  }

  has(name: string): boolean {
    return this.#running.has(name);
  }

  /** @param work given what says that it gets on; handles its own failures. */
  begin(name: string, now: number, work: (alive: (at: number) => void) => Promise<void>): void {
    const entry = { run: Promise.resolve(), aliveAt: now };
    this.#running.set(name, entry);
    const alive = (at: number) => {
      entry.aliveAt = at;
    };
    entry.run = work(alive).finally(() => {
      if (this.#running.get(name) === entry) this.#running.delete(name);
    });
  }

  /** Stops counting what was last alive before that. */
  forget(before: number): void {
    for (const [name, { aliveAt }] of this.#running) if (aliveAt < before) this.#running.delete(name);
  }

  runs(): Promise<void>[] {
    return [...this.#running.values()].map(({ run }) => run);
  }
}
