import type { Hold } from './spending';

/** A batch whose cost is not known yet. */
export interface OpenBatch {
  id: string;
  run: string;
  items: number;
  /** Unix ms of its making, whose prices count. */
  at: number;
  hold: Hold;
}

/** The batches that went through the gate and whose results nobody has read to the end. */
export class GateBatches {
  readonly #open = new Map<string, OpenBatch>();

  made(batch: OpenBatch): void {
    this.#open.set(batch.id, batch);
  }

  open(id: string): OpenBatch | null {
    return this.#open.get(id) ?? null;
  }

  close(id: string): void {
    this.#open.delete(id);
  }

  ids(): string[] {
    return [...this.#open.keys()];
  }
}
