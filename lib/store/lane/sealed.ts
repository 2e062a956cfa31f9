import type { ItemAnswer, Payload } from './lane-store';

/** Encrypts what callers' bodies and answers are stored as. */
export interface Seal {
  seal(plain: Uint8Array): Buffer;
  open(sealed: Uint8Array): Buffer;
}

/** A value with a `body` of bytes: length of the JSON that describes it, that JSON, the bytes untouched. */
function pack<T extends { body: Buffer }>({ body, ...rest }: T): Buffer {
  const head = Buffer.from(JSON.stringify(rest));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(head.length);
  return Buffer.concat([length, head, body]);
}

function unpack<T extends { body: Buffer }>(packed: Buffer): T {
  const end = 4 + packed.readUInt32BE(0);
  return { ...JSON.parse(packed.toString('utf8', 4, end)), body: packed.subarray(end) } as T;
}

export function sealPayload(seal: Seal, payload: Payload): Buffer {
  return seal.seal(pack(payload));
}

export function openPayload(seal: Seal, sealed: Uint8Array): Payload {
  return unpack<Payload>(seal.open(sealed));
}

export function sealAnswer(seal: Seal, answer: ItemAnswer): Buffer {
  return seal.seal(pack(answer));
}

export function openAnswer(seal: Seal, sealed: Uint8Array): ItemAnswer {
  return unpack<ItemAnswer>(seal.open(sealed));
}
