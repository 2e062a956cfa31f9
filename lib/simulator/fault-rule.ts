/** Endpoints that a fault can be aimed at. */
export type Endpoint =
  | 'messages'
  | 'count_tokens'
  | 'models'
  | 'batch_create'
  | 'batch_list'
  | 'batch_retrieve'
  | 'batch_results'
  | 'batch_cancel'
  | 'batch_delete'
  | 'probe';

/**
 * What goes wrong. Streams are counted in events, results in lines. Durations are real milliseconds: the time scale
 * does not divide them.
 */
export type Fault =
  /** An error answer instead of any work. `retryAfterSeconds: null` leaves the header out. */
  | {
      readonly kind: 'error';
      readonly status?: number;
      readonly type?: string;
      readonly message?: string;
      readonly errorCode?: string;
      readonly retryAfterSeconds?: number | null;
      readonly headers?: Readonly<Record<string, string>>;
      /** Sent instead of the envelope, e.g. a gateway's HTML. */
      readonly rawBody?: string;
    }
  /** TCP reset: before any work, after the work was done and billed, or in the middle of the body. */
  | { readonly kind: 'reset'; readonly when: 'before_work' | 'after_work' | 'mid_body'; readonly after?: number }
  /** Half-open: the socket stays and nothing more comes. */
  | { readonly kind: 'silence'; readonly when: 'before_headers' | 'mid_body'; readonly after?: number }
  /** A body that ends early without an error: an SSE stream without message_stop. */
  | { readonly kind: 'truncate'; readonly after?: number }
  /** `event: error` in the stream, which ends it. */
  | { readonly kind: 'stream_error'; readonly after?: number; readonly type?: string; readonly message?: string }
  /** Late headers. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** A body in small pieces with pauses. */
  | { readonly kind: 'drip'; readonly bytes: number; readonly everyMs: number }
  /** The body's bytes cut into these sizes, repeated; cuts through events and UTF-8. */
  | { readonly kind: 'split'; readonly sizes: readonly number[] }
  | {
      readonly kind: 'malformed_sse';
      readonly variant: 'bad_json' | 'crlf' | 'no_event_line' | 'comment' | 'huge_line' | 'invalid_utf8';
      readonly after?: number;
    }
  /** Something that no client has seen yet. */
  | { readonly kind: 'unknown'; readonly what: 'event' | 'usage_field' | 'block' | 'message_field' }
  | {
      readonly kind: 'results';
      readonly variant: 'truncate_at_line' | 'truncate_mid_line' | 'blank_line' | 'duplicate' | 'foreign';
      readonly after?: number;
    }
  /** `results_url` on another origin, on retrieve and list. */
  | { readonly kind: 'results_url'; readonly origin: string }
  /** On batch_create: the batch never ends by itself. */
  | { readonly kind: 'never_ends' }
  /** On batch_create: 404 on retrieve and absent from lists for a while. */
  | { readonly kind: 'hide_batch'; readonly ms: number }
  /** On batch_create: a share of the items fails, or expires. */
  | { readonly kind: 'item_errors'; readonly share: number; readonly type: string };

/** When a fault strikes. Every condition that is given must hold. */
export interface FaultRule {
  readonly id?: string;
  readonly endpoint?: Endpoint | 'any' | 'batches';
  /** Requested model, or that of any item of a batch. */
  readonly model?: string;
  readonly stream?: boolean;
  /** The credential, as sent. */
  readonly key?: string;
  readonly workspace?: string;
  /** Only the nth matching call, counted from 1. */
  readonly nth?: number;
  /** Only from the nth matching call on. */
  readonly from?: number;
  /** Strikes at most this often. */
  readonly times?: number;
  /** Chance per matching call, seeded. */
  readonly probability?: number;
  readonly fault: Fault;
}
