import { type BatchRecord, endsAtMs } from './batch-record';

/** One page of a workspace's batches, newest first. */
interface BatchPage {
  readonly batches: readonly BatchRecord[];
  readonly hasMore: boolean;
}

/** All batches, by id and by workspace in order of creation. */
export class BatchShelf {
  readonly #byId = new Map<string, BatchRecord>();
  readonly #position = new Map<string, number>();
  readonly #byWorkspace = new Map<string, BatchRecord[]>();
  readonly #running = new Set<BatchRecord>();
  #added = 0;

  add(batch: BatchRecord): void {
    this.#byId.set(batch.id, batch);
    // Positions outlive their batches, so that a deleted batch still works as a cursor.
    this.#position.set(`${batch.workspace}|${batch.id}`, this.#added);
    this.#added += 1;
    const shelf = this.#byWorkspace.get(batch.workspace);
    if (shelf === undefined) this.#byWorkspace.set(batch.workspace, [batch]);
    else shelf.push(batch);
    if (!batch.booked) this.#running.add(batch);
  }

  /** A batch of this workspace; those of others do not exist. */
  find(workspace: string, id: string): BatchRecord | undefined {
    const batch = this.#byId.get(id);
    return batch?.workspace === workspace ? batch : undefined;
  }

  remove(batch: BatchRecord): void {
    this.#byId.delete(batch.id);
    this.#running.delete(batch);
    const shelf = this.#byWorkspace.get(batch.workspace);
    shelf?.splice(shelf.indexOf(batch), 1);
  }

  all(): readonly BatchRecord[] {
    return [...this.#byId.values()];
  }

  /** Batches that have ended and are not booked; each is returned once. */
  takeEnded(nowMs: number): BatchRecord[] {
    const ended: BatchRecord[] = [];
    for (const batch of this.#running) if (endsAtMs(batch) <= nowMs) ended.push(batch);
    for (const batch of ended) this.#running.delete(batch);
    return ended.sort((a, b) => endsAtMs(a) - endsAtMs(b));
  }

  /** Items in the processing queue of an organisation. */
  queuedItems(organization: string): number {
    let items = 0;
    for (const batch of this.#running) if (batch.organization === organization) items += batch.items.length;
    return items;
  }

  /**
   * A page after (older than) or before (newer than) a cursor; without one, the newest.
   *
   * @returns `null` when the cursor was never a batch of this workspace
   */
  page(
    workspace: string,
    query: { limit: number; afterId: string | null; beforeId: string | null; nowMs: number },
  ): BatchPage | null {
    const cursor = query.afterId ?? query.beforeId;
    const position = cursor === null ? null : this.#position.get(`${workspace}|${cursor}`);
    if (position === undefined) return null;
    const newestFirst = (this.#byWorkspace.get(workspace) ?? [])
      .filter((batch) => batch.hiddenUntilMs <= query.nowMs)
      .reverse();
    const at = (batch: BatchRecord) => this.#position.get(`${workspace}|${batch.id}`) ?? 0;
    if (position !== null && query.afterId === null) {
      const newer = newestFirst.filter((batch) => at(batch) > position);
      return { batches: newer.slice(-query.limit), hasMore: newer.length > query.limit };
    }
    const older = position === null ? newestFirst : newestFirst.filter((batch) => at(batch) < position);
    return { batches: older.slice(0, query.limit), hasMore: older.length > query.limit };
  }

  clear(): void {
    this.#byId.clear();
    this.#position.clear();
    this.#byWorkspace.clear();
    this.#running.clear();
  }
}
