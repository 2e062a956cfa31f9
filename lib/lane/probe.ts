import { DAY_MS } from '@/lib/core/duration';
import type { Uuid } from '@/lib/core/ids';
import { priceUsage } from '@/lib/core/price-usage';
import { PROBE_RULE, PROBE_TAGS, type ProbeSettings, probeBody, worstProbeCost } from '@/lib/core/probing';
import type { AttemptRecord, ClosedRecord, OpenedRecord } from '@/lib/core/request-record';
import type { Lane } from '@/lib/core/request-states';
import type { ProbeAsk } from '@/lib/store/probes';
import type { MessageOutcome } from '@/lib/upstream/batch-api';
import { sizeClass } from '@/lib/wire/size-class';
import { createTap } from '@/lib/wire/usage-tap';
import type { LaneDeps } from './lane-deps';
import type { UnderWay } from './under-way';

/** What probing needs of the world. */
export interface Probing {
  /** `null`: nothing is to be probed now, whatever the settings say. */
  settings(): ProbeSettings | null;
  claim(ask: ProbeAsk): Promise<string | null>;
  /** What is the same in every record. */
  about(): Pick<OpenedRecord, 'upstream' | 'simulated' | 'policyVersion'>;
  log: { opened(record: OpenedRecord): void; closed(record: ClosedRecord): void };
}

const CREDENTIAL = 'key:default';
const VERSION: [string, string] = ['anthropic-version', '2023-06-01'];
const TARGET = '/v1/messages';
/** A batch takes a day at most; what it said is read a little later. */
const ANSWER_WITHIN_MS = DAY_MS + 3_600_000;

/**
 * Where no call has shown for a while how long batches of a model take, one small request does: as a batch of its own,
 * on the way of all others, and beside it by sync. At most one model a turn.
 */
export async function probe(deps: LaneDeps, asks: UnderWay): Promise<void> {
  const { probing } = deps;
  const settings = probing?.settings();
  if (!probing || !settings?.enabled) return;
  const now = deps.now();
  const models = settings.models.flatMap((model) => {
    const worst = worstProbeCost(deps.prices.book, model, now);
    return worst ? [{ model, ...worst }] : [];
  });
  if (models.length === 0) return;
  const { intervalMs, dailyCapPico } = settings;
  const ids = { id: deps.newId(), syncId: deps.newId() };
  const model = await probing.claim({ ...ids, models, intervalMs, dailyCapPico, now });
  if (model === null) return;
  await enqueue(deps, probing, ids.id, model, now);
  asks.begin(`probe:${ids.syncId}`, now, () => askSync(deps, probing, ids.syncId, model, now));
}

function enqueue(deps: LaneDeps, probing: Probing, id: Uuid, model: string, now: number): Promise<void> {
  const json = probeBody(model);
  const body = Buffer.from(JSON.stringify(json));
  return deps.store.enqueue({
    id,
    isProbe: true,
    opened: openedRecord(probing, { id, lane: 'batch', model, now }),
    // Nobody else's call comes into its batch.
    group: { key: `probe-${id}`, credential: CREDENTIAL, headers: [VERSION], model, sizeClass: sizeClass({ ...json }) },
    ownCredential: null,
    payload: { target: TARGET, headers: headers(), body },
    bytes: body.length,
    maxItems: 1,
    fingerprint: `probe-${id}`,
    idempotencyKey: null,
    arrivedAt: now,
    windowEndsAt: now,
    answerBy: now + ANSWER_WITHIN_MS,
    escalateAt: null,
    caller: null,
  });
}

async function askSync(deps: LaneDeps, probing: Probing, id: Uuid, model: string, now: number): Promise<void> {
  const opened = openedRecord(probing, { id, lane: 'sync', model, now });
  probing.log.opened(opened);
  const body = Buffer.from(JSON.stringify(probeBody(model)));
  let outcome: MessageOutcome;
  try {
    outcome = await deps.api.message(CREDENTIAL, { target: TARGET, headers: headers(), body });
  } catch (error) {
    // What it may have cost stays counted at its worst: the record stays open.
    deps.log.warn({ err: error, model }, 'a synchronous probe could not be asked');
    return;
  }
  probing.log.closed(closedRecord(deps, opened, outcome));
}

function closedRecord(deps: LaneDeps, opened: OpenedRecord, outcome: MessageOutcome): ClosedRecord {
  const endedAt = deps.now();
  const { status, ...told } = read(outcome);
  const state = told.errorType === null ? 'succeeded' : 'failed';
  const attempt: AttemptRecord = {
    key: told.messageId ?? `${opened.id}/probe`,
    lane: 'sync',
    startedAt: opened.arrivedAt,
    endedAt,
    httpStatus: status,
    estimated: false,
    ...told,
    ...priceUsage(deps.prices.book, [told.model, opened.model], opened.arrivedAt, told.usage),
    // Nobody is given the answer.
    delivered: false,
  };
  return {
    id: opened.id,
    state,
    servedBy: 'sync',
    httpStatus: status,
    errorType: told.errorType,
    ttfbMs: null,
    latencyMs: endedAt - opened.arrivedAt,
    upstreamRequestId: told.upstreamRequestId,
    attempts: [attempt],
  };
}

function read(outcome: MessageOutcome) {
  if (outcome.kind === 'failed') {
    const { status, type: errorType } = outcome.error;
    return { status, errorType, messageId: null, model: null, usage: null, upstreamRequestId: null };
  }
  const { status, headers: told, body } = outcome.answer;
  const tap = createTap('application/json');
  tap.push(body);
  tap.finish(true);
  const { messageId, model, usage, errorType, complete } = tap.observed;
  const fault = status >= 300 ? `http_${status}` : complete ? null : 'incomplete_body';
  const upstreamRequestId = String(told['request-id'] ?? '') || null;
  return { status, errorType: errorType ?? fault, messageId, model, usage, upstreamRequestId };
}

function openedRecord(
  probing: Probing,
  { id, lane, model, now }: { id: Uuid; lane: Lane; model: string; now: number },
): OpenedRecord {
  return {
    id,
    arrivedAt: now,
    endpoint: 'messages',
    ...probing.about(),
    keyId: null,
    credential: null,
    client: 'other',
    agent: 'none',
    sessionId: null,
    agentId: null,
    parentAgentId: null,
    tags: PROBE_TAGS,
    lane,
    rule: PROBE_RULE,
    because: 'rule',
    model,
    stream: false,
    toleranceMs: null,
    deadlineAt: null,
    inputTokens: null,
    maxTokens: probeBody(model).max_tokens,
    hasTools: false,
    hasThinking: false,
  };
}

function headers(): [string, string][] {
  return [VERSION, ['content-type', 'application/json']];
}
