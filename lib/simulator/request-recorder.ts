import { hash } from 'node:crypto';

/** One request as it arrived. */
interface RecordedRequest {
  readonly sequence: number;
  readonly requestId: string;
  readonly at: number;
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** In order and as written, flattened name, value, name, value. */
  readonly rawHeaders: readonly string[];
  readonly bodyBytes: number;
  /** Status that was answered, `null` while none was. */
  status: number | null;
  /** Whether the caller left before the answer was complete. */
  abortedByClient: boolean;
}

type Held = RecordedRequest & { body: Buffer | null; sha256: string | null };

/** A recorded request with its body's hash, and the body where it is still held. */
export interface RequestView extends Omit<RecordedRequest, 'rawHeaders'> {
  readonly headers: readonly (readonly [string, string])[];
  readonly bodySha256: string;
  /** Base64; absent unless asked for, `null` when it is no longer held. */
  readonly body?: string | null;
}

/** Remembers the newest requests, within a number of entries and of body bytes. */
export class RequestRecorder {
  #ring: (Held | undefined)[];
  #next = 0;
  #heldBytes = 0;
  #oldestBody = 0;
  readonly #mostBytes: number;

  constructor(capacity: number, mostBytes: number) {
    this.#ring = Array.from({ length: Math.max(1, capacity) });
    this.#mostBytes = mostBytes;
  }

  /** Requests seen since the start, also those that the ring has dropped. */
  get seen(): number {
    return this.#next;
  }

  add(request: Omit<RecordedRequest, 'sequence' | 'status' | 'abortedByClient' | 'bodyBytes'>, body: Buffer): Held {
    const sequence = this.#next;
    const held: Held = {
      ...request,
      sequence,
      bodyBytes: body.length,
      status: null,
      abortedByClient: false,
      body,
      sha256: null,
    };
    const slot = sequence % this.#ring.length;
    const replaced = this.#ring[slot];
    if (replaced !== undefined) this.#letGo(replaced, false);
    this.#ring[slot] = held;
    this.#next += 1;
    this.#heldBytes += body.length;
    while (this.#heldBytes > this.#mostBytes && this.#oldestBody < this.#next) {
      const oldest = this.#ring[this.#oldestBody % this.#ring.length];
      if (oldest?.sequence === this.#oldestBody) this.#letGo(oldest, true);
      this.#oldestBody += 1;
    }
    return held;
  }

  /** Oldest first, from a sequence number on. */
  list(options: { since?: number; limit?: number; bodies?: boolean } = {}): RequestView[] {
    const from = Math.max(options.since ?? 0, this.#next - this.#ring.length, 0);
    const to = Math.min(this.#next, from + (options.limit ?? Number.POSITIVE_INFINITY));
    const views: RequestView[] = [];
    for (let sequence = from; sequence < to; sequence++) {
      const held = this.#ring[sequence % this.#ring.length];
      if (held?.sequence === sequence) views.push(view(held, options.bodies === true));
    }
    return views;
  }

  clear(): void {
    this.#ring = Array.from({ length: this.#ring.length });
    this.#heldBytes = 0;
    this.#oldestBody = this.#next;
  }

  /** Hashing waits until somebody looks, or until the body goes. */
  #letGo(held: Held, stillListed: boolean): void {
    if (held.body === null) return;
    if (stillListed) held.sha256 = sha256(held.body);
    this.#heldBytes -= held.body.length;
    held.body = null;
  }
}

function view(held: Held, withBody: boolean): RequestView {
  const { rawHeaders, body, sha256: known, ...rest } = held;
  const headers: [string, string][] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    headers.push([rawHeaders[index] ?? '', rawHeaders[index + 1] ?? '']);
  }
  const bodySha256 = known ?? (body === null ? '' : sha256(body));
  return withBody
    ? { ...rest, headers, bodySha256, body: body === null ? null : body.toString('base64') }
    : { ...rest, headers, bodySha256 };
}

function sha256(body: Buffer): string {
  return hash('sha256', body, 'hex');
}
