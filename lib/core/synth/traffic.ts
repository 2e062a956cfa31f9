import { assumedSyncNeedMs } from '@/lib/core/horizon';
import { type Uuid, uuidV7 } from '@/lib/core/ids';
import type { DecisionFacts } from '@/lib/core/policy/decision-facts';
import { priceUsage } from '@/lib/core/price-usage';
import type { PriceBook } from '@/lib/core/pricing';
import type { AttemptRecord, ClosedRecord, OpenedRecord } from '@/lib/core/request-record';
import type { Lane, TerminalState } from '@/lib/core/request-states';
import { type AgentKind, FLEET, SPEED, UNKNOWN_MODEL, USUAL_SPEED } from './agents';
import { arrivals } from './arrivals';
import { Draws } from './draws';
import { type SynthBatch, SynthBatches } from './synth-batches';

export interface TrafficOptions {
  requests: number;
  /** Unix ms. */
  from: number;
  to: number;
  seed: number;
  book: PriceBook;
  /** By name. */
  keys: ReadonlyMap<string, Uuid>;
}

export interface TrafficPart {
  requests: { opened: OpenedRecord; closed: ClosedRecord }[];
  batches: SynthBatch[];
}

/** The log of a simulated fleet, in order of arrival and in parts of this size. Nothing of it was ever sent anywhere. */
export function* traffic(options: TrafficOptions, partSize: number): Generator<TrafficPart> {
  const draws = new Draws(options.seed);
  const batches = new SynthBatches(draws, options.to);
  let requests: TrafficPart['requests'] = [];
  for (const at of arrivals(draws, options.from, options.to, options.requests)) {
    requests.push(request(options, draws, batches, at));
    if (requests.length < partSize) continue;
    yield { requests, batches: batches.take() };
    requests = [];
  }
  yield { requests, batches: batches.take(true) };
}

function request(options: TrafficOptions, draws: Draws, batches: SynthBatches, at: number) {
  const kind = draws.weighted(FLEET);
  const model = draws.chance(0.001) ? UNKNOWN_MODEL : draws.weighted(kind.models).model;
  const joined = draws.chance(kind.batchShare) ? batches.join(model, at) : null;
  // What would still be under way now was sent by sync.
  const batch = joined && joined.closedAt < options.to ? joined : null;
  const opened = open(options, draws, { kind, model, at, lane: batch ? 'batch' : 'sync' });
  const closed = batch ? byBatch(options.book, draws, opened, kind, batch) : bySync(options.book, draws, opened, kind);
  return { opened, closed };
}

interface Asked {
  kind: AgentKind;
  model: string;
  at: number;
  lane: Lane;
}

function open({ keys }: TrafficOptions, draws: Draws, { kind, model, at, lane }: Asked): OpenedRecord {
  const tags: Record<string, string> = {};
  for (const name in kind.tags) tags[name] = draws.pick(kind.tags[name] ?? ['']);
  const maxTokens = draws.pick([1_024, 4_096, 4_096, 8_192, 32_000]);
  const isAgent = kind.client === 'claude-code';
  return {
    id: uuidV7(at, draws.bytes(10)),
    arrivedAt: at,
    endpoint: 'messages',
    upstream: 'simulator',
    simulated: true,
    keyId: keys.get(kind.key) ?? null,
    credential: null,
    client: kind.client,
    agent: kind.agent,
    sessionId: isAgent ? `synth-session-${Math.floor(at / 7_200_000)}-${draws.bits() % 40}` : null,
    agentId: kind.agent === 'subagent' ? `synth-agent-${draws.bits() % 1_000}` : null,
    parentAgentId: null,
    tags,
    lane,
    rule: kind.rule,
    because: kind.rule === 'default' ? 'no_tolerance' : lane === 'batch' ? 'rule' : 'miss',
    policyVersion: 1,
    model,
    stream: draws.chance(kind.streamShare),
    toleranceMs: kind.toleranceMs,
    // As the proxy has it: `interactive` is no deadline.
    deadlineAt: kind.toleranceMs ? at + kind.toleranceMs : null,
    inputTokens: Math.round(draws.lognormal(kind.inputTokens, 0.6)),
    maxTokens,
    hasTools: isAgent || draws.chance(0.3),
    hasThinking: draws.chance(0.2),
    facts: factsOf(maxTokens, kind),
  };
}

/** Decisions of a simulated past were made by the fleet's shares, not by measurements. */
function factsOf(maxTokens: number, kind: AgentKind): DecisionFacts {
  return {
    optedOut: false,
    ineligible: null,
    laneDown: false,
    prefix: null,
    headers: {},
    estimateId: null,
    batchBacklog: 0,
    syncP95: null,
    spendToday: null,
    syncNeedMs: assumedSyncNeedMs(maxTokens),
    expectedOutput: Math.min(maxTokens, kind.outputTokens),
    patienceMs: null,
  };
}

function bySync(book: PriceBook, draws: Draws, opened: OpenedRecord, kind: AgentKind): ClosedRecord {
  const fate = draws.next();
  if (fate < 0.018) return failed(draws, opened, fate);
  const used = usage(draws, opened, kind, 'sync');
  const { firstMs, latencyMs } = syncTimes(draws, opened, used.output_tokens);
  const state: TerminalState = fate < 0.024 ? 'aborted' : 'succeeded';
  const answered = attempt(book, draws, opened, { lane: 'sync', usage: used, latencyMs });
  // A first answer that broke off and was billed.
  const lost = draws.chance(0.004)
    ? [{ ...attempt(book, draws, opened, { lane: 'sync', usage: used, latencyMs: firstMs }), delivered: false }]
    : [];
  return { ...ending(opened, state, answered), ttfbMs: firstMs, latencyMs, attempts: [...lost, answered] };
}

function byBatch(
  book: PriceBook,
  draws: Draws,
  opened: OpenedRecord,
  kind: AgentKind,
  batch: SynthBatch,
): ClosedRecord {
  const used = usage(draws, opened, kind, 'batch');
  const took = batch.endedAt - batch.upstreamCreatedAt;
  const inBatch: AttemptRecord = {
    ...attempt(book, draws, opened, { lane: 'batch', usage: used, latencyMs: took }),
    key: `${batch.msgbatchId}/${opened.id}`,
    startedAt: batch.upstreamCreatedAt,
    endedAt: batch.endedAt,
  };
  const arrived = opened.arrivedAt;
  if (opened.deadlineAt === null || batch.closedAt <= opened.deadlineAt) {
    const latencyMs = batch.closedAt - arrived + Math.floor(draws.next() * 200);
    return { ...ending(opened, 'succeeded', inBatch), ttfbMs: latencyMs, latencyMs, batchId: batch.msgbatchId };
  }
  // Too late: answered by sync, and as a rule billed by both.
  const { latencyMs: syncMs } = syncTimes(draws, opened, used.output_tokens);
  const answered = {
    ...attempt(book, draws, opened, { lane: 'sync', usage: { ...used, service_tier: 'standard' }, latencyMs: syncMs }),
  };
  const latencyMs = opened.deadlineAt - arrived;
  const wasted = draws.chance(0.7) ? [{ ...inBatch, delivered: false }] : [];
  return {
    ...ending(opened, 'succeeded', answered),
    ttfbMs: latencyMs,
    latencyMs,
    batchId: batch.msgbatchId,
    attempts: [...wasted, answered],
  };
}

function failed(draws: Draws, opened: OpenedRecord, fate: number): ClosedRecord {
  const [state, httpStatus, errorType]: [TerminalState, number | null, string | null] =
    fate < 0.002
      ? ['refused', 400, 'invalid_request_error']
      : fate < 0.003
        ? ['interrupted', null, null]
        : draws.pick([
            ['failed', 529, 'overloaded_error'],
            ['failed', 429, 'rate_limit_error'],
            ['failed', 500, 'api_error'],
          ]);
  const latencyMs = state === 'interrupted' ? null : draws.lognormal(300, 0.7);
  return {
    id: opened.id,
    state,
    servedBy: null,
    httpStatus,
    errorType,
    ttfbMs: null,
    latencyMs,
    upstreamRequestId: null,
    attempts: [],
  };
}

function ending(opened: OpenedRecord, state: TerminalState, answered: AttemptRecord): ClosedRecord {
  return {
    id: opened.id,
    state,
    servedBy: answered.lane,
    httpStatus: 200,
    errorType: null,
    ttfbMs: null,
    latencyMs: null,
    upstreamRequestId: answered.upstreamRequestId,
    attempts: [answered],
  };
}

function syncTimes(draws: Draws, { model, stream }: OpenedRecord, outputTokens: number) {
  const speed = SPEED[model ?? ''] ?? USUAL_SPEED;
  const first = draws.lognormal(speed.firstMs, 0.45);
  const latencyMs = first + (outputTokens / speed.tokensPerSecond) * 1_000 * draws.lognormal(1, 0.15);
  return { firstMs: stream ? first : latencyMs, latencyMs };
}

interface Made {
  lane: Lane;
  usage: unknown;
  latencyMs: number;
}

function attempt(book: PriceBook, draws: Draws, opened: OpenedRecord, { lane, usage, latencyMs }: Made): AttemptRecord {
  const messageId = `msg_synth${draws.bits().toString(36)}${draws.bits().toString(36)}`;
  return {
    key: messageId,
    lane,
    startedAt: opened.arrivedAt + 3,
    endedAt: opened.arrivedAt + Math.ceil(latencyMs),
    httpStatus: 200,
    errorType: null,
    messageId,
    upstreamRequestId: lane === 'sync' ? `req_synth${draws.bits().toString(36)}${draws.bits().toString(36)}` : null,
    model: opened.model,
    usage,
    estimated: false,
    ...priceUsage(book, [opened.model], opened.arrivedAt, usage),
    delivered: true,
  };
}

function usage(draws: Draws, { inputTokens, maxTokens }: OpenedRecord, kind: AgentKind, lane: Lane) {
  const prompt = inputTokens ?? 0;
  const isCached = draws.chance(kind.cachedShare);
  const read = isCached ? Math.floor(prompt * kind.cachedShare * draws.next()) : 0;
  const written = isCached ? Math.floor((prompt - read) * 0.6 * draws.next()) : 0;
  return {
    input_tokens: prompt - read - written,
    output_tokens: Math.min(maxTokens ?? 4_096, Math.max(1, Math.round(draws.lognormal(kind.outputTokens, 0.7)))),
    cache_read_input_tokens: read,
    cache_creation_input_tokens: written,
    cache_creation: { ephemeral_5m_input_tokens: written, ephemeral_1h_input_tokens: 0 },
    service_tier: lane === 'batch' ? 'batch' : 'standard',
  };
}
