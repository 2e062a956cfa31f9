import { type Uuid, uuidV7 } from '@/lib/core/ids';
import type { SizeClass } from '@/lib/core/lane-states';
import { SPEED, USUAL_SPEED } from './agents';
import type { Draws } from './draws';

const WINDOW_MS = 300_000;

/** A Message Batch of the simulated past. Unix ms. */
export interface SynthBatch {
  id: Uuid;
  msgbatchId: string;
  model: string;
  sizeClass: SizeClass;
  items: number;
  createdAt: number;
  upstreamCreatedAt: number;
  endedAt: number;
  closedAt: number;
}

/** Gathers calls of one model into batches, each over some minutes. */
export class SynthBatches {
  readonly #open = new Map<string, SynthBatch>();
  #done: SynthBatch[] = [];

  /** @param to Unix ms: what would be over later is under way still, and no call of it is in the log. */
  constructor(
    private readonly draws: Draws,
    private readonly to: number,
  ) {}

  /** The batch that a call of that moment goes into. */
  join(model: string, at: number): SynthBatch {
    const open = this.#open.get(model);
    const batch = open && at <= open.createdAt ? open : this.#begin(model, at);
    batch.items++;
    return batch;
  }

  /** Those that nothing is added to any more; at the end all. */
  take(all = false): SynthBatch[] {
    if (all) this.#done.push(...this.#open.values());
    const done = this.#done.filter(({ closedAt }) => closedAt < this.to);
    this.#done = [];
    return done;
  }

  #begin(model: string, at: number): SynthBatch {
    const { draws } = this;
    const before = this.#open.get(model);
    if (before) this.#done.push(before);
    const createdAt = at + Math.floor(WINDOW_MS * (0.5 + draws.next() / 2));
    const upstreamCreatedAt = createdAt + 150 + Math.floor(draws.next() * 400);
    const slow = draws.chance(0.04) ? 6 : 1;
    const endedAt = upstreamCreatedAt + Math.floor(slow * draws.lognormal((SPEED[model] ?? USUAL_SPEED).batchMs, 0.5));
    const batch: SynthBatch = {
      id: uuidV7(createdAt, draws.bytes(10)),
      msgbatchId: `msgbatch_synth${draws.bits().toString(36)}${draws.bits().toString(36)}`,
      model,
      sizeClass: draws.pick(['small', 'small', 'medium', 'large']),
      items: 0,
      createdAt,
      upstreamCreatedAt,
      endedAt,
      closedAt: endedAt + 400 + Math.floor(draws.next() * 3_000),
    };
    this.#open.set(model, batch);
    return batch;
  }
}
