import type { Offpeak } from '@/e2e/process/start-offpeak';
import { waitFor } from '@/e2e/process/wait-for';
import { clientOf } from './client-of';

export interface CallPlan {
  model: string;
  /** Order to the simulator, such as `output=300` or `error=overloaded_error`. */
  sim?: string;
  tags?: string;
  headers?: Record<string, string>;
  apiKey?: string;
}

/** Makes the calls one after the other, so that the log has them in this order; answers the log's ids. */
export async function makeCalls(offpeak: Offpeak, plans: readonly CallPlan[]): Promise<string[]> {
  const ids: string[] = [];
  for (const [at, { model, sim = 'output=40', tags, headers = {}, apiKey = offpeak.apiKey }] of plans.entries()) {
    const client = clientOf(offpeak.origin, apiKey, { ...headers, ...(tags && { 'x-offpeak-tags': tags }) });
    const call = client.messages.create({
      model,
      max_tokens: 4_000,
      messages: [{ role: 'user', content: `Call ${at}. [[sim:${sim}]]` }],
    });
    // A refused call is logged as well, and its answer names the log entry all the same.
    const headersOfAnswer = await call.asResponse().then(
      (response) => response.headers,
      (error: { headers?: Headers }) => error.headers,
    );
    ids.push(headersOfAnswer?.get('x-offpeak-request-id') ?? '');
  }
  await waitFor('the calls to be in the log', async () => {
    const rows = await offpeak.api.requests();
    return ids.every((id) => rows.some((row) => row.id === id));
  });
  return ids;
}

/** A little of everything: enough for percentiles, an error, tags, two lines of models. */
export function mixedCalls(): CallPlan[] {
  const many = (count: number, plan: CallPlan) => Array.from({ length: count }, () => plan);
  return [
    ...many(6, { model: 'claude-haiku-5-5', tags: 'team=support' }),
    ...many(6, { model: 'claude-sonnet-5-5', sim: 'output=400', tags: 'team=search,job=nightly' }),
    { model: 'claude-opus-5-5', sim: 'output=900' },
    { model: 'claude-sonnet-5-5', sim: 'error=overloaded_error' },
  ];
}
