import type { ApiKey } from '@/lib/core/api-key';
import type { Decision, Facts } from '@/lib/core/decide';
import { DAY_MS } from '@/lib/core/duration';
import { ApiError } from '@/lib/core/errors';
import type { Uuid } from '@/lib/core/ids';
import { DEFAULT_MAX_ITEMS, DEFAULT_WINDOW_MS } from '@/lib/core/policy/action';
import type { CompiledPolicy } from '@/lib/core/policy/compile';
import { type Explanation, explain } from '@/lib/core/policy/explain';
import type { AutoJudge, JudgedAction, Prediction } from '@/lib/core/policy/judge';
import { type LoggedCall, NotLogged, replay } from '@/lib/core/policy/replay';
import type { Deps } from '@/lib/deps';
import { readCaller } from '@/lib/wire/caller';
import type { HeaderPairs } from '@/lib/wire/headers';
import { readOffpeakHeaders } from '@/lib/wire/offpeak-headers';
import { readRequest } from '@/lib/wire/read-request';
import { gatherFacts } from './gather-facts';

export interface Explained extends Explanation {
  facts: Facts;
  /** Expected costs of both lanes, whatever was decided; `null`: unpriced. */
  costs: Prediction | null;
}

/** Whoever makes a call that only might be made. */
const ANY_KEY: ApiKey = {
  id: '' as Uuid,
  name: '',
  toleranceMs: null,
  tags: {},
  batch: true,
  store: true,
  patienceMs: null,
  monthlyBudgetPico: null,
  upstream: 'default',
};

/** A call that might be made. */
export interface ImaginedCall {
  id: Uuid;
  arrivedAt: number;
  headers: HeaderPairs;
  body: unknown;
  /** Who makes it; `null`: nobody in particular. */
  key: ApiKey | null;
}

/** What would become of a call, with what is known now. @throws ApiError 400 for a malformed header of ours. */
export function explainImagined(deps: Deps, policy: CompiledPolicy, call: ImaginedCall): Explained {
  const bytes = Buffer.from(JSON.stringify(call.body) ?? '');
  const { facts: body, json } = readRequest(bytes);
  const { headers, id, arrivedAt, key } = call;
  // Nobody in particular may do what any key may.
  const principal = { key: key ?? ANY_KEY, credential: null, upstreamHeaders: [] };
  const known = { caller: readCaller(headers), principal, asked: readOffpeakHeaders(headers), body };
  const { facts, judge } = gatherFacts(deps, policy, known, { id, arrivedAt, headers, bytes, json }, (owner) =>
    deps.prefixes.look(owner, bytes, json, arrivedAt),
  );
  return explained(policy, { ...facts, key: key?.name ?? null }, judge);
}

/** What would have become of a call of the log, with what was known when it arrived. */
export function explainLogged(policy: CompiledPolicy, call: LoggedCall): Explained {
  const { facts, judge } = replay(call);
  try {
    return explained(policy, facts, judge);
  } catch (error) {
    if (!(error instanceof NotLogged)) throw error;
    throw new ApiError(
      'invalid_request_error',
      `The log does not hold header ${error.header} of this call: no policy named it then`,
    );
  }
}

function explained(policy: CompiledPolicy, facts: Facts, judge: AutoJudge): Explained {
  const explanation = explain(policy, facts, judge);
  const { decision } = explanation;
  return { ...explanation, facts, costs: decision.prediction ?? judge(anyway(decision, facts), facts).prediction };
}

/** What asks the judge for its numbers. */
function anyway({ batching }: Decision, { toleranceMs }: Facts): JudgedAction {
  return {
    lane: 'auto',
    maxMiss: 1,
    minSaving: 0,
    explore: 0,
    escalate: batching?.escalate ?? true,
    windowMs: batching?.windowMs ?? DEFAULT_WINDOW_MS,
    maxItems: batching?.maxItems ?? DEFAULT_MAX_ITEMS,
    deadlineMs: batching?.deadlineMs ?? (toleranceMs || DAY_MS),
  };
}
