/**
 * The life of one item, a call in the batch lane:
 *
 *   queued ─► batched ─────────────► done
 *    │  ▲        │ └─(not created)─► queued
 *    │  └────────┘
 *    ├──────────────► escalating ──► done      (the deadline presses, or the batch gave nothing)
 *    └─(nobody waits for it any more)► done
 *
 * The first outcome wins; a batch result that comes later is waste.
 */
export const ITEM_STATES = ['queued', 'batched', 'escalating', 'done'] as const;
export type ItemState = (typeof ITEM_STATES)[number];

/** How an item ended: with a Message, with an error envelope, or because nobody waited for it. */
export const ITEM_OUTCOMES = ['answered', 'failed', 'dropped'] as const;
export type ItemOutcome = (typeof ITEM_OUTCOMES)[number];

/**
 * The life of one Message Batch of ours:
 *
 *   intent ─► posting ─► open ─► ended ─► closed
 *     │          │         ▲       ▲
 *     │          ├─► unknown ──────┘   (found in upstream's list and proved by the nonce of its results)
 *     └──────────┴─► void              (it does not exist upstream; its items went back)
 *
 * `intent`: items are claimed, nothing was sent. `posting`: the first byte may be on its way. `unknown`: the answer to
 * `create` did not come. `ended`: upstream has the results. `closed`: every result was taken over.
 */
export const BATCH_STATES = ['intent', 'posting', 'unknown', 'open', 'ended', 'closed', 'void'] as const;
export type BatchState = (typeof BATCH_STATES)[number];

/** Long answers do not hold short ones hostage: a batch ends when its last item does. */
export const SIZE_CLASSES = ['small', 'medium', 'large', 'tools'] as const;
export type SizeClass = (typeof SIZE_CLASSES)[number];
