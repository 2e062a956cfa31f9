import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import type { Uuid } from '@/lib/core/ids';

export interface CreatedBatch {
  batchId: Uuid;
  msgbatchId: string;
  createdAt: number;
  expiresAt: number | null;
}

/** Ids that upstream gave to batches, on disk before Postgres knows them: Postgres may be away just then. */
export interface CreatedJournal {
  append(created: CreatedBatch): void;
  /** What was appended and not forgotten since. */
  pending(): CreatedBatch[];
  forget(batchId: Uuid): void;
}

/** One JSON line each, in a file that is emptied when nothing is pending. */
export function fileJournal(path: string): CreatedJournal {
  const pending = new Map<Uuid, CreatedBatch>();
  for (const line of readLines(path)) {
    const created = parse(line);
    if (created) pending.set(created.batchId, created);
  }
  return {
    append(created) {
      pending.set(created.batchId, created);
      appendFileSync(path, `${JSON.stringify(created)}\n`, { mode: 0o600 });
    },
    pending: () => [...pending.values()],
    forget(batchId) {
      if (pending.delete(batchId) && pending.size === 0) writeFileSync(path, '', { mode: 0o600 });
    },
  };
}

function readLines(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch {
    return [];
  }
}

// The last line may be torn: its batch is found in upstream's list then.
function parse(line: string): CreatedBatch | null {
  try {
    const value = JSON.parse(line) as CreatedBatch;
    return typeof value.batchId === 'string' && typeof value.msgbatchId === 'string' ? value : null;
  } catch {
    return null;
  }
}
