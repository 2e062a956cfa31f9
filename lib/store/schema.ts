import { sql } from 'drizzle-orm';
import {
  bigint,
  bigserial,
  boolean,
  check,
  customType,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import { ALERT_KINDS } from '@/lib/core/alert';
import { AUDITED } from '@/lib/core/audited';
import type { SavedShares } from '@/lib/core/auto/prefix-memory';
import { CACHE_TTLS } from '@/lib/core/auto/prefix-state';
import { BILL_KINDS } from '@/lib/core/bill/bill-line';
import type { EstimateSnapshot } from '@/lib/core/estimate/snapshot';
import { BATCH_STATES, ITEM_OUTCOMES, ITEM_STATES, SIZE_CLASSES } from '@/lib/core/lane-states';
import type { KnownPrefix } from '@/lib/core/policy/decision-facts';
import { AGENTS, CLIENTS, ENDPOINTS, LANES, ROLES, TERMINAL_STATES } from '@/lib/core/request-states';
import type { Tags } from '@/lib/core/tags';
import type { StoredTally } from './stored-tally';

const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' });
const at = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });
const oneOf = (column: string, values: readonly string[]) =>
  sql.raw(`"${column}" in (${values.map((value) => `'${value}'`).join(', ')})`);

/** One value per name: what must hold for the whole database, such as which root secret it belongs to. */
export const settings = pgTable('settings', { name: text('name').primaryKey(), value: text('value').notNull() });

/** Where calls were sent. Pages, estimates and logs never mix two of them. */
export const upstreams = pgTable('upstreams', {
  id: smallint('id').primaryKey().generatedAlwaysAsIdentity(),
  origin: text('origin').notNull().unique(),
  simulated: boolean('simulated').notNull(),
  firstSeenAt: at('first_seen_at').notNull().defaultNow(),
  /** When the first call of it was logged. */
  servedAt: at('served_at'),
});

export const operators = pgTable(
  'operators',
  {
    id: uuid('id').primaryKey(),
    name: text('name').notNull(),
    role: text('role', { enum: ROLES }).notNull(),
    /** HMAC of the token; the token itself is shown once and kept nowhere. */
    tokenHmac: text('token_hmac').notNull().unique(),
    builtIn: boolean('built_in').notNull().default(false),
    createdAt: at('created_at').notNull().defaultNow(),
    deletedAt: at('deleted_at'),
  },
  (t) => [
    check('operators_role', oneOf('role', ROLES)),
    uniqueIndex('operators_name').on(t.name).where(sql`deleted_at is null`),
  ],
);

export const sessions = pgTable(
  'sessions',
  {
    cookieHmac: text('cookie_hmac').primaryKey(),
    operatorId: uuid('operator_id')
      .notNull()
      .references(() => operators.id),
    createdAt: at('created_at').notNull().defaultNow(),
    expiresAt: at('expires_at').notNull(),
  },
  (t) => [index('sessions_expires_at').on(t.expiresAt)],
);

export const loginCodes = pgTable('login_codes', {
  codeHmac: text('code_hmac').primaryKey(),
  expiresAt: at('expires_at').notNull(),
});

export const keys = pgTable(
  'keys',
  {
    id: uuid('id').primaryKey(),
    name: text('name').notNull(),
    secretHmac: text('secret_hmac').notNull().unique(),
    prefix: text('prefix').notNull(),
    last4: text('last4').notNull(),
    toleranceMs: integer('tolerance_ms'),
    tags: jsonb('tags').$type<Tags>().notNull().default({}),
    batch: boolean('batch').notNull().default(true),
    store: boolean('store').notNull().default(true),
    patienceMs: integer('patience_ms'),
    monthlyBudgetPico: bigint('monthly_budget_pico', { mode: 'bigint' }),
    /** Name of the upstream credential in the environment; the credential is never stored. */
    upstream: text('upstream').notNull().default('default'),
    createdAt: at('created_at').notNull().defaultNow(),
    createdBy: text('created_by').notNull(),
    lastUsedAt: at('last_used_at'),
    revokedAt: at('revoked_at'),
  },
  (t) => [uniqueIndex('keys_name').on(t.name).where(sql`revoked_at is null`)],
);

const countOf = (name: string) => bigint(name, { mode: 'number' }).notNull();
const pico = (name: string) => bigint(name, { mode: 'bigint' });

/** What a key's requests cost by month of their arrival (UTC, `2026-11`): budgets are held against it. */
export const keySpend = pgTable(
  'key_spend',
  {
    keyId: uuid('key_id').notNull(),
    month: text('month').notNull(),
    spentPico: pico('spent_pico').notNull(),
  },
  (t) => [primaryKey({ columns: [t.keyId, t.month] })],
);

/** Dated rows, never rewritten: `id` decides between two of one moment. Unit: picodollars per token. */
export const prices = pgTable(
  'prices',
  {
    id: integer('id').primaryKey().generatedAlwaysAsIdentity(),
    model: text('model').notNull(),
    aliases: text('aliases').array().notNull().default([]),
    effectiveFrom: at('effective_from').notNull(),
    input: pico('input').notNull(),
    output: pico('output').notNull(),
    cacheWrite5m: pico('cache_write_5m').notNull(),
    cacheWrite1h: pico('cache_write_1h').notNull(),
    cacheRead: pico('cache_read').notNull(),
    longThreshold: integer('long_threshold'),
    longInput: pico('long_input'),
    longOutput: pico('long_output'),
    longCacheWrite5m: pico('long_cache_write_5m'),
    longCacheWrite1h: pico('long_cache_write_1h'),
    longCacheRead: pico('long_cache_read'),
    batchPermille: integer('batch_permille').notNull(),
    geoUsPermille: integer('geo_us_permille'),
    /** Picodollars per web search. */
    webSearch: pico('web_search').notNull(),
    source: text('source').notNull(),
    createdAt: at('created_at').notNull().defaultNow(),
    createdBy: text('created_by').notNull(),
  },
  (t) => [
    index('prices_model').on(t.model, t.effectiveFrom),
    // One row that Offpeak ships per model and moment, however many replicas seed at once.
    uniqueIndex('prices_shipped').on(t.model, t.effectiveFrom).where(sql`created_by = 'offpeak'`),
  ],
);

/** What operators changed. Only ever added to. */
export const auditLog = pgTable(
  'audit_log',
  {
    /** UUIDv7: newest last. */
    id: uuid('id').primaryKey(),
    at: at('at').notNull(),
    actor: text('actor').notNull(),
    actorId: uuid('actor_id').notNull(),
    action: text('action', { enum: AUDITED }).notNull(),
    object: text('object').notNull(),
    before: jsonb('before'),
    after: jsonb('after'),
    note: text('note'),
    address: text('address'),
  },
  (t) => [check('audit_log_action', oneOf('action', AUDITED)), index('audit_log_actor').on(t.actor, t.id)],
);

/** Filters, columns and order of the request list under a name: an operator's own, or everyone's. */
export const savedViews = pgTable(
  'saved_views',
  {
    id: uuid('id').primaryKey(),
    operatorId: uuid('operator_id')
      .notNull()
      .references(() => operators.id, { onDelete: 'cascade' }),
    name: text('name').notNull(),
    /** The page's own parameters, as its address has them. */
    query: text('query').notNull(),
    shared: boolean('shared').notNull(),
    updatedAt: at('updated_at').notNull(),
  },
  (t) => [
    uniqueIndex('saved_views_own').on(t.operatorId, t.name).where(sql`not shared`),
    uniqueIndex('saved_views_shared').on(t.name).where(sql`shared`),
  ],
);

/** Exports of the organisation's own usage or cost that were imported, to be compared with what was measured here. */
export const bills = pgTable(
  'bills',
  {
    /** UUIDv7: where two tell of one day, the newer one counts. */
    id: uuid('id').primaryKey(),
    name: text('name').notNull(),
    kind: text('kind', { enum: BILL_KINDS }).notNull(),
    format: text('format').notNull(),
    /** First and last day (UTC, `2026-11-27`) that it tells of. */
    firstDay: text('first_day').notNull(),
    lastDay: text('last_day').notNull(),
    importedAt: at('imported_at').notNull(),
    importedBy: text('imported_by').notNull(),
  },
  () => [check('bills_kind', oneOf('kind', BILL_KINDS))],
);

/** One model's day in one tier. Tokens of an export of usage, money of one of cost. */
export const billLines = pgTable(
  'bill_lines',
  {
    billId: uuid('bill_id')
      .notNull()
      .references(() => bills.id, { onDelete: 'cascade' }),
    day: text('day').notNull(),
    /** Normalised; '' where the export names none. */
    model: text('model').notNull(),
    /** `standard`, `batch` or another that upstream names; '' where the export does not tell. */
    tier: text('tier').notNull(),
    input: countOf('input'),
    output: countOf('output'),
    cacheRead: countOf('cache_read'),
    cacheWrite: countOf('cache_write'),
    costPico: pico('cost_pico').notNull(),
  },
  (t) => [primaryKey({ columns: [t.billId, t.day, t.model, t.tier] }), index('bill_lines_day').on(t.day)],
);

/** Message Batches that a client created through Offpeak: only its own key may see them. */
export const clientBatches = pgTable(
  'client_batches',
  {
    id: text('id').primaryKey(),
    keyId: uuid('key_id').notNull(),
    createdAt: at('created_at').notNull().defaultNow(),
    deletedAt: at('deleted_at'),
  },
  (t) => [index('client_batches_key').on(t.keyId, t.createdAt)],
);

/**
 * The request log. Partitioned by day over `id`: a UUIDv7 starts with its arrival in ms, so a time range is an id range
 * and retention drops a partition. Inserted once, at the terminal state.
 */
export const requests = pgTable(
  'requests',
  {
    id: uuid('id').primaryKey(),
    endpoint: text('endpoint', { enum: ENDPOINTS }).notNull(),
    upstreamId: smallint('upstream_id').notNull(),
    keyId: uuid('key_id'),
    credential: text('credential'),
    client: text('client', { enum: CLIENTS }).notNull(),
    agent: text('agent', { enum: AGENTS }).notNull(),
    sessionId: text('session_id'),
    agentId: text('agent_id'),
    parentAgentId: text('parent_agent_id'),
    tags: jsonb('tags').$type<Tags>().notNull(),
    lane: text('lane', { enum: LANES }).notNull(),
    servedBy: text('served_by', { enum: LANES }),
    rule: text('rule').notNull(),
    because: text('because').notNull(),
    policyVersion: integer('policy_version').notNull(),
    state: text('state', { enum: TERMINAL_STATES }).notNull(),
    httpStatus: smallint('http_status'),
    errorType: text('error_type'),
    model: text('model'),
    stream: boolean('stream').notNull(),
    toleranceMs: integer('tolerance_ms'),
    deadlineAt: at('deadline_at'),
    inputTokens: integer('input_tokens'),
    maxTokens: integer('max_tokens'),
    hasTools: boolean('has_tools').notNull(),
    hasThinking: boolean('has_thinking').notNull(),
    usage: jsonb('usage'),
    /** Sum of the attempts; `unpriced` when one of them has usage without a price. */
    costPico: pico('cost_pico').notNull(),
    syncCostPico: pico('sync_cost_pico').notNull(),
    wastePico: pico('waste_pico').notNull(),
    unpriced: boolean('unpriced').notNull(),
    ttfbMs: doublePrecision('ttfb_ms'),
    latencyMs: doublePrecision('latency_ms'),
    batchId: text('batch_id'),
    upstreamRequestId: text('upstream_request_id'),
    /** What an `auto` decision was judged by. */
    prediction: jsonb('prediction'),
    // What the decision saw besides the columns above; `opted_out` is null where nothing was decided.
    optedOut: boolean('opted_out'),
    ineligible: text('ineligible'),
    laneDown: boolean('lane_down'),
    prefix: jsonb('prefix').$type<KnownPrefix>(),
    headerFacts: jsonb('header_facts').$type<Record<string, string | null>>(),
    estimateId: text('estimate_id'),
    batchBacklog: integer('batch_backlog'),
    syncP95Ms: doublePrecision('sync_p95_ms'),
    spendToday: doublePrecision('spend_today'),
    syncNeedMs: doublePrecision('sync_need_ms'),
    expectedOutput: doublePrecision('expected_output'),
    patienceMs: integer('patience_ms'),
    spilled: boolean('spilled'),
    /** Its sync cost counts prompt tokens that the sync lane had warm at the read price. */
    warmPrefix: boolean('warm_prefix').notNull().default(false),
  },
  (t) => [
    check('requests_endpoint', oneOf('endpoint', ENDPOINTS)),
    check('requests_client', oneOf('client', CLIENTS)),
    check('requests_agent', oneOf('agent', AGENTS)),
    check('requests_lane', oneOf('lane', LANES)),
    check('requests_served_by', oneOf('served_by', LANES)),
    check('requests_state', oneOf('state', TERMINAL_STATES)),
    index('requests_upstream_request').on(t.upstreamRequestId),
    index('requests_batch').on(t.batchId).where(sql`batch_id is not null`),
    index('requests_error').on(t.id, t.errorType).where(sql`error_type is not null`),
    index('requests_other_endpoints').on(t.id).where(sql`endpoint <> 'messages'`),
    index('requests_predicted').on(t.id).where(sql`prediction is not null`),
  ],
);

/** Every upstream call of a request: where money is written down, once. Partitioned like `requests`. */
export const attempts = pgTable(
  'attempts',
  {
    requestId: uuid('request_id').notNull(),
    /** Upstream's message id, or `<batch id>/<custom_id>`. */
    key: text('key').notNull(),
    lane: text('lane', { enum: LANES }).notNull(),
    startedAt: at('started_at').notNull(),
    endedAt: at('ended_at').notNull(),
    httpStatus: smallint('http_status'),
    errorType: text('error_type'),
    messageId: text('message_id'),
    upstreamRequestId: text('upstream_request_id'),
    model: text('model'),
    usage: jsonb('usage'),
    estimated: boolean('estimated').notNull(),
    /** `null`: usage that no price row prices. */
    costPico: pico('cost_pico'),
    /** What the same usage costs in the sync lane. */
    syncCostPico: pico('sync_cost_pico'),
    priceId: integer('price_id'),
    delivered: boolean('delivered').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.requestId, t.key] }),
    check('attempts_lane', oneOf('lane', LANES)),
    index('attempts_message').on(t.messageId),
  ],
);

/** Encrypted request and response bodies, only with `OFFPEAK_LOG_BODIES=on`. Partitioned like `requests`. */
export const requestBodies = pgTable('request_bodies', {
  requestId: uuid('request_id').primaryKey(),
  /** gzip, then AES-256-GCM. */
  sealed: bytea('sealed').notNull(),
});

/** Published routing policies. Version 1 is the shipped one and has no row. */
export const policies = pgTable('policies', {
  version: integer('version').primaryKey(),
  document: jsonb('document').notNull(),
  note: text('note'),
  author: text('author').notNull(),
  publishedAt: at('published_at').notNull().defaultNow(),
});

/** What was measured of a model when calls were decided by it. Never changed; the id is the content's hash. */
export const estimateSnapshots = pgTable(
  'estimate_snapshots',
  {
    id: text('id').primaryKey(),
    estimate: jsonb('estimate').$type<EstimateSnapshot>().notNull(),
    /** When it was last in use, within the hour. */
    usedAt: at('used_at').notNull(),
  },
  (t) => [index('estimate_snapshots_used').on(t.usedAt)],
);

/** What each operator has not published yet. */
export const policyDrafts = pgTable('policy_drafts', {
  operatorId: uuid('operator_id')
    .primaryKey()
    .references(() => operators.id, { onDelete: 'cascade' }),
  baseVersion: integer('base_version').notNull(),
  document: jsonb('document').notNull(),
  updatedAt: at('updated_at').notNull(),
});

const sinceCreation = (column: string) => `date_part('epoch', ${column} - upstream_created_at) * 1000`;
const countOfItems = (kind: string) =>
  `(case when jsonb_typeof(counts -> '${kind}') = 'number' then (counts -> '${kind}')::float8 else 0 end)`;
// Upstream gives a batch 24 hours.
const WATCHED = `coalesce(${sinceCreation('expires_at')}, 86400000)`;

/** Message Batches that the lane makes. `msgbatch_id` is upstream's id, known once upstream has told it. */
export const batches = pgTable(
  'batches',
  {
    id: uuid('id').primaryKey(),
    upstreamId: smallint('upstream_id').notNull(),
    state: text('state', { enum: BATCH_STATES }).notNull(),
    msgbatchId: text('msgbatch_id').unique(),
    /** Begins every custom id of the batch: what proves that results are ours. */
    nonce: text('nonce').notNull().unique(),
    /** `key:<name>` of a configured credential, or `own:<hmac>` of a caller's. */
    credential: text('credential').notNull(),
    groupKey: text('group_key').notNull(),
    /** The headers that all its items share; no credential. */
    headers: jsonb('headers').$type<[string, string][]>().notNull(),
    model: text('model').notNull(),
    sizeClass: text('size_class', { enum: SIZE_CLASSES }).notNull(),
    items: integer('items').notNull(),
    bytes: bigint('bytes', { mode: 'number' }).notNull(),
    createdAt: at('created_at').notNull(),
    postingAt: at('posting_at'),
    /** After it the POST is over for certain, whatever became of it. */
    postDeadlineAt: at('post_deadline_at'),
    /** The newest batch of the credential before the POST; '' when there was none. */
    watermark: text('watermark'),
    /** Batches that an unknown one may be, and those that proved to be another's. */
    candidates: text('candidates').array().notNull().default([]),
    foreign: text('foreign_ids').array().notNull().default([]),
    /** Since when complete lists have held no candidate. */
    absentSince: at('absent_since'),
    upstreamCreatedAt: at('upstream_created_at'),
    expiresAt: at('expires_at'),
    endedAt: at('ended_at'),
    seenEndedAt: at('seen_ended_at'),
    closedAt: at('closed_at'),
    cancelRequestedAt: at('cancel_requested_at'),
    counts: jsonb('counts').$type<Record<string, number>>(),
    /**
     * What its life says about turnaround (`observeBatch`, lib/core/estimate): ms since upstream's creation, and whether it
     * ended by itself then. Of one that runs: ms that it can be watched at most.
     */
    turnaroundMs: doublePrecision('turnaround_ms').generatedAlwaysAs(
      sql.raw(`case
        when ended_at is null then least(${sinceCreation('cancel_requested_at')}, ${sinceCreation('closed_at')}, ${WATCHED})
        when ${countOfItems('expired')} > 0 then ${WATCHED}
        else least(${sinceCreation('ended_at')}, ${sinceCreation('cancel_requested_at')})
      end`),
    ),
    endedItself: boolean('ended_itself').generatedAlwaysAs(
      sql.raw(`ended_at is not null and ${countOfItems('expired')} = 0 and ${countOfItems('canceled')} = 0
        and coalesce(cancel_requested_at >= ended_at, true)`),
    ),
    /** What became of its items, once nothing of it can change any more. */
    tally: jsonb('tally').$type<StoredTally>(),
    collectTries: integer('collect_tries').notNull().default(0),
    collectAfter: at('collect_after'),
    error: text('error'),
    leaseOwner: text('lease_owner'),
    leaseEpoch: integer('lease_epoch').notNull().default(0),
    leaseUntil: at('lease_until'),
  },
  (t) => [
    check('batches_state', oneOf('state', BATCH_STATES)),
    check('batches_size_class', oneOf('size_class', SIZE_CLASSES)),
    index('batches_live').on(t.state).where(sql`state in ('intent', 'posting', 'unknown', 'open', 'ended')`),
    index('batches_created').on(t.upstreamId, t.createdAt),
    index('batches_model').on(t.upstreamId, t.model, t.createdAt),
    // All that charts of turnaround read.
    index('batches_turnaround')
      .on(t.upstreamId, t.upstreamCreatedAt, t.model, t.turnaroundMs, t.endedItself, t.items, t.endedAt, t.closedAt)
      .where(sql`upstream_created_at is not null`),
    index('batches_untallied').on(t.closedAt).where(sql`state = 'closed' and tally is null`),
  ],
);

/** Calls in the batch lane: `id` is the request's. Rows live until their log row is written and nobody can re-attach. */
export const items = pgTable(
  'items',
  {
    id: uuid('id').primaryKey(),
    upstreamId: smallint('upstream_id').notNull(),
    state: text('state', { enum: ITEM_STATES }).notNull(),
    outcome: text('outcome', { enum: ITEM_OUTCOMES }),
    /** The log's first record. */
    opened: jsonb('opened').notNull(),
    credential: text('credential').notNull(),
    groupKey: text('group_key').notNull(),
    headers: jsonb('headers').$type<[string, string][]>().notNull(),
    model: text('model').notNull(),
    sizeClass: text('size_class', { enum: SIZE_CLASSES }).notNull(),
    bytes: integer('bytes').notNull(),
    maxItems: integer('max_items').notNull(),
    /** Of credential, body, version, betas and workspace: by this a retry finds its item. */
    fingerprint: text('fingerprint').notNull(),
    idempotencyKey: text('idempotency_key'),
    arrivedAt: at('arrived_at').notNull(),
    windowEndsAt: at('window_ends_at').notNull(),
    /** The caller's deadline, or the last moment at which its client still listens. */
    answerBy: at('answer_by').notNull(),
    /** When the synchronous answer must begin; `null`: never. */
    escalateAt: at('escalate_at'),
    notBefore: at('not_before'),
    batchId: uuid('batch_id'),
    customId: text('custom_id'),
    /** Offpeak's own: nobody waits for it, and it is never answered by sync. */
    probe: boolean('probe').notNull().default(false),
    /** `<process>`: it holds the caller's connection. */
    caller: text('caller'),
    /** Changes with every attachment: a displaced holder notices. */
    callerEpoch: integer('caller_epoch').notNull().default(0),
    goneAt: at('gone_at'),
    handOvers: integer('hand_overs').notNull().default(0),
    outcomeAt: at('outcome_at'),
    closedAt: at('closed_at'),
    leaseOwner: text('lease_owner'),
    leaseEpoch: integer('lease_epoch').notNull().default(0),
    leaseUntil: at('lease_until'),
  },
  (t) => [
    check('items_state', oneOf('state', ITEM_STATES)),
    check('items_outcome', oneOf('outcome', ITEM_OUTCOMES)),
    index('items_queued').on(t.groupKey, t.id).where(sql`state = 'queued'`),
    index('items_escalate').on(t.escalateAt).where(sql`state <> 'done'`),
    index('items_batch').on(t.batchId, t.customId),
    index('items_fingerprint').on(t.fingerprint),
    index('items_undelivered').on(t.caller).where(sql`state = 'done' and closed_at is null`),
    index('items_closed').on(t.closedAt).where(sql`closed_at is not null`),
  ],
);

/** Probes that were begun: claimed here before anything is sent, and counted at their worst until their cost is booked. */
export const probes = pgTable(
  'probes',
  {
    /** Of the request in its batch, and of the one by sync. */
    id: uuid('id').primaryKey(),
    syncId: uuid('sync_id').notNull(),
    upstreamId: smallint('upstream_id').notNull(),
    model: text('model').notNull(),
    claimedAt: at('claimed_at').notNull(),
    batchWorstPico: pico('batch_worst_pico').notNull(),
    syncWorstPico: pico('sync_worst_pico').notNull(),
  },
  (t) => [
    index('probes_model').on(t.upstreamId, t.model, t.claimedAt),
    index('probes_claimed').on(t.upstreamId, t.claimedAt),
  ],
);

/** What goes upstream for an item: headers and body, encrypted. Removed with its item. */
export const itemBodies = pgTable('item_bodies', {
  itemId: uuid('item_id').primaryKey(),
  sealed: bytea('sealed').notNull(),
});

/** What an item's caller is answered, encrypted. Removed with its item. */
export const itemResults = pgTable('item_results', {
  itemId: uuid('item_id').primaryKey(),
  sealed: bytea('sealed').notNull(),
});

/** Callers' own credentials, encrypted, while items need them. */
export const laneCredentials = pgTable('lane_credentials', {
  credential: text('credential').primaryKey(),
  sealed: bytea('sealed').notNull(),
});

/** What operators were told of through the webhook, while it holds. */
export const alerts = pgTable(
  'alerts',
  {
    upstreamId: smallint('upstream_id').notNull(),
    kind: text('kind', { enum: ALERT_KINDS }).notNull(),
    subject: text('subject').notNull(),
    text: text('text').notNull(),
    raisedAt: at('raised_at').notNull(),
    sentAt: at('sent_at'),
    /** It holds no longer; the row goes once that was told. */
    over: boolean('over').notNull().default(false),
  },
  (t) => [primaryKey({ columns: [t.upstreamId, t.kind, t.subject] }), check('alerts_kind', oneOf('kind', ALERT_KINDS))],
);

/** Who does a thing that only one process may do at a time, and which processes are alive. */
export const laneLeases = pgTable('lane_leases', {
  name: text('name').primaryKey(),
  owner: text('owner').notNull(),
  leaseUntil: at('lease_until').notNull(),
});

/**
 * Synchronous calls that wrote or read upstream's prompt cache, while it may hold what they used: every process hears of
 * those of the others. Prefixes, scopes and sessions are hashes.
 */
export const prefixSightings = pgTable(
  'prefix_sightings',
  {
    /** The call's. */
    id: uuid('id').primaryKey(),
    upstreamId: smallint('upstream_id').notNull(),
    /** The process that served it. */
    writer: text('writer').notNull(),
    scope: text('scope').notNull(),
    /** The shortest first. */
    prefixes: text('prefixes').array().notNull(),
    ttl: text('ttl', { enum: CACHE_TTLS }).notNull(),
    session: text('session'),
    lane: text('lane', { enum: LANES }).notNull().default('sync'),
    arrivedAt: at('arrived_at').notNull(),
    answeredAt: at('answered_at').notNull(),
    cacheRead: integer('cache_read').notNull(),
    cacheWritten: integer('cache_written').notNull(),
    notedAt: at('noted_at').notNull().default(sql`clock_timestamp()`),
  },
  (t) => [
    check('prefix_sightings_ttl', oneOf('ttl', CACHE_TTLS)),
    check('prefix_sightings_lane', oneOf('lane', LANES)),
    index('prefix_sightings_noted').on(t.notedAt),
  ],
);

/** How often the prompt cache kept its word, by hash of key and model. */
export const prefixShares = pgTable(
  'prefix_shares',
  {
    upstreamId: smallint('upstream_id').notNull(),
    scope: text('scope').notNull(),
    shares: jsonb('shares').$type<SavedShares>().notNull(),
    updatedAt: at('updated_at').notNull().default(sql`clock_timestamp()`),
  },
  (t) => [primaryKey({ columns: [t.upstreamId, t.scope] })],
);

/** Outcomes by idempotency key, for a day. */
export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    /** HMAC of credential, path and key. */
    id: text('id').primaryKey(),
    bodyHash: text('body_hash').notNull(),
    requestId: uuid('request_id').notNull(),
    /** Of the process that serves the first call; until its lease is over. */
    owner: text('owner').notNull(),
    leaseUntil: at('lease_until').notNull(),
    /** Encrypted status, headers and body, once there is an outcome that may be shared. */
    sealed: bytea('sealed'),
    expiresAt: at('expires_at').notNull(),
  },
  (t) => [index('idempotency_keys_expires').on(t.expiresAt)],
);

const bucket = () => ({
  upstreamId: smallint('upstream_id').notNull(),
  /** Length in minutes: 15, 60 or 1440; cut in UTC. */
  grain: smallint('grain').notNull(),
  at: at('at').notNull(),
});
const money = () => ({
  requests: countOf('requests'),
  failed: countOf('failed'),
  aborted: countOf('aborted'),
  refused: countOf('refused'),
  interrupted: countOf('interrupted'),
  unpriced: countOf('unpriced'),
  /** Of the batch lane, priced, answered by sync. */
  escalated: countOf('escalated'),
  /** Of the batch lane, with a deadline and not given up by their caller; and those of them that succeeded by it. */
  deadlines: countOf('deadlines').default(0),
  inTime: countOf('in_time').default(0),
  costPico: pico('cost_pico').notNull(),
  syncCostPico: pico('sync_cost_pico').notNull(),
  wastePico: pico('waste_pico').notNull(),
});

/** Buckets whose rollup is older than the rows under it. Triggers of `requests` and `batches` write it, append-only. */
export const rollupMarks = pgTable('rollup_marks', {
  id: bigserial('id', { mode: 'bigint' }).primaryKey(),
  ...bucket(),
});

/** What messages cost and how they ended, by arrival. Money is of priced ones, tokens of all attempts. */
export const rollupMoney = pgTable(
  'rollup_money',
  {
    ...bucket(),
    model: text('model'),
    lane: text('lane', { enum: LANES }).notNull(),
    keyId: uuid('key_id'),
    rule: text('rule').notNull(),
    ...money(),
    input: countOf('input'),
    output: countOf('output'),
    cacheRead: countOf('cache_read'),
    cacheWrite5m: countOf('cache_write_5m'),
    cacheWrite1h: countOf('cache_write_1h'),
    /** Of priced requests, all kinds. */
    pricedTokens: countOf('priced_tokens'),
  },
  (t) => [index('rollup_money_at').on(t.upstreamId, t.grain, t.at)],
);

/** The same sums by one tag at a time, for the names in the setting `rollup_tags`. */
export const rollupTags = pgTable(
  'rollup_tags',
  { ...bucket(), name: text('name').notNull(), value: text('value').notNull(), ...money() },
  (t) => [index('rollup_tags_at').on(t.upstreamId, t.name, t.grain, t.at)],
);

/** Durations as mergeable histograms (`lib/core/histogram`): requests by arrival, batches by upstream's creation. */
export const rollupTimings = pgTable(
  'rollup_timings',
  {
    ...bucket(),
    measure: text('measure').notNull(),
    model: text('model'),
    lane: text('lane', { enum: LANES }).notNull(),
    sizeClass: text('size_class', { enum: SIZE_CLASSES }).notNull(),
    bins: bytea('bins').notNull(),
  },
  (t) => [index('rollup_timings_at').on(t.upstreamId, t.measure, t.grain, t.at)],
);
