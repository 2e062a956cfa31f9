import type { Uuid } from '@/lib/core/ids';
import type { ItemOutcome, ItemState, SizeClass } from '@/lib/core/lane-states';
import type { WarmPrefix } from '@/lib/core/price-usage';
import type { AttemptRecord, OpenedRecord } from '@/lib/core/request-record';
import type { Lane } from '@/lib/core/request-states';

/**
 * What the batch lane keeps, and the only ways in which it changes. All times are Unix ms of one clock (Postgres'), all
 * writes are conditional: `false`, `null` or `lost` say that someone else was faster, which is never an error.
 * Postgres holds it in earnest; the simulation test holds it in memory, and one test holds both to the same behaviour.
 */
export interface LaneStore {
  /** Its clock. */
  now(): Promise<number>;

  // Callers.
  /** Item, body and, for a caller's own credential, its secret: one transaction, before the first byte of an answer. */
  enqueue(item: NewItem): Promise<void>;
  /** Finds the item of a call that was here before and makes `caller` its holder; `null`: there is none. */
  attach(ask: AttachAsk): Promise<Attached | null>;
  /** The caller's connection is gone. Nothing when another has attached since. */
  detach(id: Uuid, callerEpoch: number, now: number): Promise<void>;
  /** The caller was told to come back; until it does, it is gone like any other. */
  handOver(id: Uuid, callerEpoch: number, now: number): Promise<void>;
  /**
   * These connections are all that a process holds: takes back what was taken from it when it seemed dead, and lets go
   * of what it does not know. Answers those that are theirs no more, because another connection has taken over or the
   * item was given up or logged as forgotten; nothing will come for them.
   */
  hold(caller: string, held: readonly HeldItem[], now: number): Promise<Uuid[]>;
  /** From now on the item should be answered at once: its caller cannot wait any longer. */
  hurry(ids: readonly Uuid[], now: number): Promise<void>;
  /** Items that `caller` holds and that have an outcome. */
  outcomesOf(caller: string): Promise<HeldItem[]>;
  /** What the item's caller is answered; `null` when it is no more. */
  answerOf(id: Uuid): Promise<ItemAnswer | null>;
  /** This process is alive until `leaseUntil`; callers held by one that is not are gone. */
  heartbeat(caller: string, leaseUntil: number): Promise<void>;

  // Making batches.
  /** Takes one group that is due (window over, full, too large) as a batch `intent`; `null`: none is due. */
  claimGroup(claim: BatchClaim): Promise<Batch | null>;
  /** Payloads of a batch's items by custom id, as far as they still wait. */
  payloads(batchId: Uuid): Promise<{ customId: string; payload: Payload }[]>;
  /** The newest batch that is known of a credential. */
  newestKnown(credential: string): Promise<string | null>;
  /** `intent → posting`: the last thing before the first byte. */
  posting(batch: Batch, at: Posting): Promise<boolean>;
  /**
   * `posting | unknown → open`; `void → open` when the POST ended only after others had given the batch up: its items
   * wait elsewhere by then, and what it costs is booked to them.
   */
  created(batchId: Uuid, told: { msgbatchId: string; createdAt: number; expiresAt: number | null }): Promise<boolean>;
  /** `posting → unknown`; also when others have taken it over or given it up while its POST was still going on. */
  unknown(batch: Batch, error: string, now: number): Promise<boolean>;
  /** `intent | posting | unknown → void`: it does not exist upstream. Its items wait again, or are answered by sync. */
  voidBatch(batch: BatchMark, back: ItemsBack, error: string, now: number): Promise<boolean>;
  /** Batches whose maker is gone: `intent → void`, `posting → unknown`. Answers how many. */
  takeOver(now: number): Promise<number>;

  // Watching.
  /** True when `owner` holds the named lease now. */
  lease(name: string, owner: string, leaseUntil: number, now: number): Promise<boolean>;
  /** Batches of which upstream is to be asked: `unknown` and `open`. */
  watched(): Promise<Batch[]>;
  /** `open → ended`. */
  ended(batchId: Uuid, told: { endedAt: number; counts: Record<string, number> }, now: number): Promise<boolean>;
  /** Those of these upstream ids that are somebody's already: a settled batch's, or a client's own. */
  owned(msgbatchIds: readonly string[]): Promise<Set<string>>;
  /** What the lists said of an unknown batch. */
  noteCandidates(batch: BatchMark, note: CandidateNote): Promise<void>;
  /** `unknown → ended`: the nonce in its results proved that this one is ours. */
  adopt(batchId: Uuid, told: Adopted, now: number): Promise<boolean>;

  // Collecting.
  /** Takes one ended batch whose results are to be read; `null`: none. */
  claimEnded(claim: { owner: string; leaseUntil: number; now: number }): Promise<Batch | null>;
  /** The items of a batch by custom id. */
  itemsOf(batchId: Uuid): Promise<Map<string, BatchItem>>;
  /** Takes result lines over and keeps the claim; idempotent. `null`: someone else has it. */
  settleLines(
    batch: Batch,
    lines: readonly SettledLine[],
    now: number,
    leaseUntil: number,
  ): Promise<SettleCount | null>;
  /** Items that have had no line yet are answered by sync; the batch stays. */
  releaseItems(batch: Batch, now: number): Promise<boolean>;
  /** `ended → closed`; items that had no line are answered by sync. `false`: someone else has it. */
  closeBatch(batch: Batch, now: number, error: string | null): Promise<boolean>;
  /** Again after `at`: reading failed or, which counts as a try, was not whole. */
  collectLater(batch: Batch, at: number, error: string, isTry: boolean): Promise<void>;

  // Answering synchronously.
  /** Items whose synchronous answer is due within `leadMs` from `now`, most pressing first; they are claimed. */
  claimEscalations(claim: {
    owner: string;
    leaseUntil: number;
    now: number;
    leadMs: number;
    limit: number;
    /** More may press than the limit lets through: each key gets its turn. */
    isCrowded: boolean;
    /** Credentials of which fewer may be claimed. */
    limits: readonly CredentialLimit[];
  }): Promise<Escalation[]>;
  /** Items that will have to be answered synchronously before `until`. */
  pressing(until: number): Promise<number>;
  renew(ids: readonly Uuid[], owner: string, leaseUntil: number): Promise<void>;
  /** First outcome wins: `lost` when a batch result was faster; the attempt is booked either way. */
  settleEscalation(item: Escalation, answer: ItemAnswer, now: number): Promise<'settled' | 'lost'>;
  /** Not now (429, 529, a broken connection): again at `at`. */
  escalateLater(item: Escalation, attempt: AttemptRecord | null, at: number): Promise<boolean>;

  /** A caller's own credential, as headers; `null`: no item needs it any more. */
  ownCredential(credential: string): Promise<[string, string][] | null>;

  // Keeping house.
  /**
   * Ends items that nobody waits for: queued and left for `graceMs`, or past their time with no caller. Callers of
   * processes without a sign of life are gone, but for those of `owner`, which asks.
   */
  dropAbandoned(owner: string, now: number, graceMs: number): Promise<Uuid[]>;
  /**
   * Ends items whose time is over and that no synchronous call is under way for, and probes that only sync could answer,
   * with that answer.
   */
  expire(now: number, answer: ItemAnswer): Promise<Uuid[]>;
  /** Open batches all of whose items are done: nothing of theirs is needed. */
  abandonedBatches(): Promise<Batch[]>;
  cancelRequested(batchId: Uuid, now: number): Promise<void>;
  /** Closes batches from before `createdBefore` that no open item needs: upstream keeps nothing of them any more. */
  giveUp(createdBefore: number, now: number): Promise<number>;
  /**
   * Items with an outcome that no caller took within the re-attach window, and probes with one: their log rows are still
   * to be written.
   */
  forgotten(before: number, limit: number): Promise<ForgottenItem[]>;
  /** Removes items, bodies and results whose time is over, and credentials that no item needs. */
  purge(closedBefore: number): Promise<void>;
}

/** What calls that may share one batch have in common. */
export interface Group {
  key: string;
  /** `key:<name>` of a configured credential, `own:<hmac>` of a caller's. */
  credential: string;
  /** Version, betas, workspace and user profile, as they go up with `create`. */
  headers: [string, string][];
  model: string;
  sizeClass: SizeClass;
}

/** One call as it goes upstream, less its credential. */
export interface Payload {
  target: string;
  headers: [string, string][];
  body: Buffer;
}

export interface NewItem {
  id: Uuid;
  opened: OpenedRecord;
  group: Group;
  /** Of a caller's own credential; `null` for configured ones. */
  ownCredential: [string, string][] | null;
  payload: Payload;
  bytes: number;
  maxItems: number;
  fingerprint: string;
  idempotencyKey: string | null;
  arrivedAt: number;
  windowEndsAt: number;
  answerBy: number;
  escalateAt: number | null;
  /** The process that holds the connection; `null`: there is none. */
  caller: string | null;
  /** Offpeak's own: it is never answered by sync, and is logged as soon as it has an outcome. */
  isProbe?: boolean;
}

export interface AttachAsk {
  fingerprint: string;
  /** A retry, by the client's own word: it may take over from a connection that still looks alive. */
  isRetry: boolean;
  /**
   * It asks without a stream and may stand for a stream of this session that failed: that one's item is its own, however
   * alive its connection looks. Absent or `null`: it stands for itself.
   */
  fallbackIn?: { sessionId: string; agentId: string | null } | null;
  caller: string;
  now: number;
  /** How long after its outcome an item may still be asked for, ms. */
  windowMs: number;
}

export interface Attached {
  id: Uuid;
  callerEpoch: number;
  opened: OpenedRecord;
  state: ItemState;
  handOvers: number;
  answerBy: number;
  /** Who held it before; `null`: nobody. */
  displaced: string | null;
}

/** A connection that a process holds, and the item that it waits for. */
export interface HeldItem {
  id: Uuid;
  callerEpoch: number;
}

/** What an item's caller is answered. */
export interface ItemAnswer {
  outcome: Exclude<ItemOutcome, 'dropped'>;
  status: number;
  /** Upstream's headers that concern the answer: request id, retry-after. */
  headers: [string, string][];
  /** A Message or an error envelope, JSON. */
  body: Buffer;
  servedBy: Lane | null;
  errorType: string | null;
  /** The upstream call that gave it; `null`: none did. */
  attempt: AttemptRecord | null;
  /** Upstream's id of the batch that the item was in, if it was in one. */
  msgbatchId: string | null;
}

/** An item that has just got its outcome, and the answer, which whoever settled it has at hand. */
export interface Outcome {
  id: Uuid;
  answer: ItemAnswer;
}

export interface Batch {
  id: Uuid;
  upstreamId: number;
  state: 'intent' | 'posting' | 'unknown' | 'open' | 'ended' | 'closed' | 'void';
  msgbatchId: string | null;
  nonce: string;
  credential: string;
  headers: [string, string][];
  model: string;
  sizeClass: SizeClass;
  items: number;
  bytes: number;
  createdAt: number;
  postingAt: number | null;
  postDeadlineAt: number | null;
  watermark: string | null;
  candidates: string[];
  foreign: string[];
  absentSince: number | null;
  upstreamCreatedAt: number | null;
  expiresAt: number | null;
  endedAt: number | null;
  counts: Record<string, number> | null;
  collectTries: number;
  epoch: number;
}

/** A batch as it was when something was found out about it: if it is another by now, that is out of date. */
export type BatchMark = Pick<Batch, 'id' | 'state' | 'epoch'>;

export interface BatchClaim {
  id: Uuid;
  nonce: string;
  owner: string;
  leaseUntil: number;
  now: number;
  mostBytes: number;
  mostItems: number;
}

export interface Posting {
  now: number;
  postDeadlineAt: number;
  watermark: string;
  /** What is really sent: items may have left since they were claimed. */
  items: number;
  bytes: number;
}

export type ItemsBack =
  /** They wait for another batch, from `notBefore` on. */
  | { to: 'queue'; notBefore: number | null }
  /** Upstream refused the batch as such: sync gives each its true answer. */
  | { to: 'sync' };

export interface CandidateNote {
  candidates: string[];
  foreign: string[];
  absentSince: number | null;
}

export interface Adopted {
  msgbatchId: string;
  createdAt: number;
  endedAt: number;
  counts: Record<string, number>;
}

export interface BatchItem {
  id: Uuid;
  customId: string;
  model: string | null;
  arrivedAt: number;
  /** Of its prompt, what the sync lane would have read from its cache. */
  warmPrefix?: WarmPrefix;
}

/** One result line, read and priced. */
export interface SettledLine {
  itemId: Uuid;
  attempt: AttemptRecord;
  /** `again`: no answer (expired, canceled, a fault of upstream's): sync, if there is time, else this error. */
  kind: 'answer' | 'again';
  answer: ItemAnswer;
}

export interface SettleCount {
  settled: Uuid[];
  /** Had their outcome already: paid for nothing. Each counts once. */
  late: number;
}

export interface Escalation {
  id: Uuid;
  epoch: number;
  opened: OpenedRecord;
  credential: string;
  payload: Payload;
  answerBy: number;
  msgbatchId: string | null;
}

export interface CredentialLimit {
  credential: string;
  most: number;
}

export interface ForgottenItem {
  id: Uuid;
  opened: OpenedRecord;
  outcome: ItemOutcome;
  outcomeAt: number;
  answer: ItemAnswer | null;
  isProbe: boolean;
}
