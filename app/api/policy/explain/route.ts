import { methods, route } from '@/app/_server';
import { readDocument } from '@/app/api/policy/_read-document';
import { DOORS } from '@/lib/contract/doors';
import type { ExplainAnswer, ExplainRequest } from '@/lib/contract/policy-explain';
import type { ApiKey } from '@/lib/core/api-key';
import { ApiError } from '@/lib/core/errors';
import { parseRequestId } from '@/lib/core/ids';
import { type CompiledPolicy, compilePolicy } from '@/lib/core/policy/compile';
import type { Deps } from '@/lib/deps';
import { type Explained, explainImagined, explainLogged } from '@/lib/gateway/explain-call';
import { predictionAnswer } from '@/lib/store/find-decision';
import { findKeyNamed } from '@/lib/store/keys';
import { findLoggedCall } from '@/lib/store/logged-calls';

/** Of a document that nobody has published. */
const DRAFT = { version: 0, paused: false };

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = methods({
  POST: route(DOORS['POST /api/policy/explain'], async ({ deps, body: asked, now }) => {
    const isDraft = asked.document !== undefined;
    const policy = isDraft ? compilePolicy(readDocument(asked.document), DRAFT) : deps.policy.current;
    if ((asked.body === undefined) === (asked.requestId === undefined)) {
      throw new ApiError('invalid_request_error', 'Give either body, the JSON of a call, or requestId');
    }
    const explained =
      asked.requestId === undefined
        ? await ofImagined(deps, policy, asked, now)
        : await ofLogged(deps, policy, asked.requestId);
    return { ...answer(policy, explained), policyVersion: isDraft ? null : policy.version };
  }),
});

async function ofLogged(deps: Deps, policy: CompiledPolicy, text: string): Promise<Explained> {
  const id = parseRequestId(text);
  const call = id && (await findLoggedCall(deps.pools.analytics, id, deps.prices.book));
  if (!call) throw new ApiError('not_found_error', 'No such request in the log; one that still waits is not in it yet');
  if (call === 'not_stored') {
    throw new ApiError(
      'invalid_request_error',
      'Nothing was decided of this request, or what the decision saw was not stored',
    );
  }
  return explainLogged(policy, call);
}

async function ofImagined(deps: Deps, policy: CompiledPolicy, asked: ExplainRequest, now: Date): Promise<Explained> {
  const headers: [string, string][] = Object.entries(asked.headers).filter(([name]) => !isGivenApart(name, asked));
  if (asked.tolerance !== undefined) headers.push(['x-offpeak-tolerance', asked.tolerance]);
  const tags = Object.entries(asked.tags ?? {});
  if (tags.length > 0) headers.push(['x-offpeak-tags', tags.map(([name, value]) => `${name}=${value}`).join(',')]);
  const arrivedAt = asked.at === undefined ? now.getTime() : Date.parse(asked.at);
  const key = asked.key === undefined ? null : await findKey(deps, asked.key);
  return explainImagined(deps, policy, { id: deps.newId(), arrivedAt, headers, body: asked.body, key });
}

function isGivenApart(name: string, { tolerance, tags }: ExplainRequest): boolean {
  const lower = name.toLowerCase();
  return (
    (lower === 'x-offpeak-tolerance' && tolerance !== undefined) || (lower === 'x-offpeak-tags' && tags !== undefined)
  );
}

async function findKey(deps: Deps, name: string): Promise<ApiKey> {
  const key = await findKeyNamed(deps.pools.analytics, name);
  if (!key) throw new ApiError('invalid_request_error', `key: there is no active key of this name`);
  return key;
}

function answer(policy: CompiledPolicy, { decision, trace, facts, costs }: Explained): ExplainAnswer {
  const { measured } = facts;
  const enabled = new Map(policy.rules.map((rule) => [rule.id, rule.enabled]));
  const expected = costs && predictionAnswer(costs);
  return {
    lane: decision.lane,
    rule: decision.rule,
    because: decision.because,
    policyVersion: null,
    trace: trace.map((rule) => ({ ...rule, enabled: enabled.get(rule.rule) ?? false })),
    batching: decision.batching,
    prediction: decision.prediction ? predictionAnswer(decision.prediction) : null,
    costUsd: { sync: expected?.syncCostUsd ?? null, batch: expected?.batchCostUsd ?? null },
    facts: {
      model: facts.model,
      toleranceMs: facts.toleranceMs,
      key: facts.key,
      tags: { ...facts.tags },
      client: facts.client,
      agent: facts.agent,
      stream: facts.stream,
      inputTokens: facts.inputTokens,
      maxTokens: facts.maxTokens,
      hasTools: facts.hasTools,
      hasThinking: facts.hasThinking,
      prefixWarm: facts.prefixWarm,
      ineligible: facts.ineligible,
      laneDown: facts.laneDown,
      batchP50: measured.batchP50,
      batchP90: measured.batchP90,
      batchP95: measured.batchP95,
      batchSamples: measured.batchSamples,
      batchBacklog: measured.batchBacklog,
      syncP95: measured.syncP95,
      spendToday: measured.spendToday,
    },
  };
}
