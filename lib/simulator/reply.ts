/** One piece of a body. */
export interface ReplyChunk {
  readonly bytes: string | Buffer;
  /** Virtual time before which it is not sent. */
  readonly atMs?: number;
  /** Output tokens that the caller has once it arrived. */
  readonly outputTokens?: number;
  /** What a scripted fault does to the connection after this piece. */
  readonly then?: 'end' | 'reset' | 'silence';
}

/** How the caller's side of an answer ended. */
export type Settlement = 'delivered' | 'aborted' | 'broken';

/** An answer before it is written; headers that every answer carries are added on the way. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** A string is sent whole, with its length. */
  readonly body: string | readonly ReplyChunk[];
  /** Virtual time before which not even headers are sent. */
  readonly atMs?: number;
  /** Called once, when nothing more will be sent. `outputTokens` is what chunks have said so far. */
  readonly settle?: (how: Settlement, outputTokens: number | null) => void;
}

/** A JSON answer. */
export function jsonReply(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(value) };
}
