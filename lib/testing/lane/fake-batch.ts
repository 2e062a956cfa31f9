import type { UpstreamBatch } from '@/lib/upstream/batch-api';

export interface FakeItem {
  customId: string;
  /** What the call asked, to tell its answer from any other. */
  marker: string;
  outcome: 'succeeded' | 'invalid' | 'overloaded' | 'canceled' | 'expired';
  messageId: string;
}

/** A Message Batch inside the fake upstream. */
export class FakeBatch {
  status: UpstreamBatch['status'] = 'in_progress';
  expiresAt = 0;
  endsAt = 0;
  endedAt: number | null = null;
  hiddenUntil = 0;
  /** Its results stay unreadable until upstream behaves. */
  spoilt: 'malformed' | 'missing' | null = null;
  /** The process that posted it, when its last byte left, and whether that was after the POST's deadline. */
  maker: { readonly isAlive: boolean } | null = null;
  writtenAt = 0;
  isLate = false;

  constructor(
    readonly id: string,
    readonly credential: string,
    readonly isForeign: boolean,
    readonly createdAt: number,
    readonly items: readonly FakeItem[],
  ) {}

  get nonce(): string {
    return this.items[0]?.customId.split('-')[0] ?? '';
  }

  end(now: number): void {
    this.status = 'ended';
    this.endedAt = now;
    if (now < this.expiresAt) return;
    for (const item of this.items) if (item.outcome === 'succeeded') item.outcome = 'expired';
  }

  tell(): UpstreamBatch {
    const counts: Record<string, number> = { processing: 0, succeeded: 0, errored: 0, canceled: 0, expired: 0 };
    const add = (name: string) => {
      counts[name] = (counts[name] ?? 0) + 1;
    };
    for (const { outcome } of this.items) {
      if (this.status !== 'ended') add('processing');
      else add(outcome === 'invalid' || outcome === 'overloaded' ? 'errored' : outcome);
    }
    const { id, status, createdAt, expiresAt, endedAt } = this;
    return { id, status, counts, createdAt, expiresAt, endedAt };
  }
}
