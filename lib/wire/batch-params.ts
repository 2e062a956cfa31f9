import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { members } from './json-slices';

/**
 * A Messages body as the `params` of a batch item: the caller's bytes less the top-level `stream`, which the batch API
 * refuses. Nothing else is touched, neither order nor blanks nor how a number is written: cache keys hang on them.
 * @throws Error when the body is no JSON object in UTF-8: within a batch it would spoil its neighbours.
 */
export function batchParams(body: Buffer): Buffer {
  if (!isUtf8(body)) throw new Error('Not UTF-8');
  const cuts: [from: number, to: number][] = [];
  let isFirst = true;
  let leading: number | null = null;
  let previousEnd = 0;
  for (const { name, keyStart, end } of members(body)) {
    if (name !== 'stream') {
      if (leading !== null) cuts.push([leading, keyStart]);
      leading = null;
      isFirst = false;
    } else if (isFirst) {
      // The comma after it goes too, so the next property tells where the cut ends.
      leading ??= keyStart;
    } else {
      cuts.push([previousEnd, end]);
    }
    previousEnd = end;
  }
  if (leading !== null) cuts.push([leading, previousEnd]);
  return cuts.length === 0 ? body : without(body, cuts);
}

function without(body: Buffer, cuts: readonly (readonly [from: number, to: number])[]): Buffer {
  const rest = Buffer.allocUnsafe(body.length);
  let length = 0;
  let readTo = 0;
  for (const [from, to] of cuts) {
    length += body.copy(rest, length, readTo, from);
    readTo = to;
  }
  length += body.copy(rest, length, readTo);
  return rest.subarray(0, length);
}

/**
 * The body that creates a batch, in chunks that share the items' bytes (Message Batches API, create).
 * @param items `params` as `batchParams` made them.
 */
export function createBatchBody(items: readonly { customId: string; params: Buffer }[]): Buffer[] {
  const chunks: Buffer[] = [Buffer.from('{"requests":[')];
  for (const [index, { customId, params }] of items.entries()) {
    const comma = index === 0 ? '' : ',';
    chunks.push(Buffer.from(`${comma}{"custom_id":${JSON.stringify(customId)},"params":`), params, CLOSE_ITEM);
  }
  chunks.push(Buffer.from(']}'));
  return chunks;
}
const CLOSE_ITEM = Buffer.from('}');

/** SHA-256 in hex of what a body asks for, streamed or not; of the bare bytes when it is no JSON object. */
export function fingerprint(body: Buffer): string {
  return createHash('sha256').update(comparable(body)).digest('hex');
}

function comparable(body: Buffer): Buffer {
  try {
    return batchParams(body);
  } catch {
    return body;
  }
}
