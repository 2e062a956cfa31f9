import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type LaneFleet, startLaneFleet, upstreamItems } from '@/e2e/lane/lane-fleet';
import { FaultProxy } from '@/e2e/process/fault-proxy';
import { CLIENT_KEY, UPSTREAM_KEY } from '@/e2e/process/start-gateway';
import { waitFor } from '@/e2e/process/wait-for';
import { withFault } from '@/e2e/process/with-fault';
import { readmeRecipe } from '@/e2e/recipes/readme-recipe';
import type { RequestView } from '@/lib/simulator/request-recorder';
import { type AgentIds, ClaudeCode, type ClaudeCodeSettings } from './claude-code';
import { VirtualClock } from './virtual-clock';
import '@/e2e/process/patience';

const STEP_MS = 5_000;
/** Shortly before a synchronous answer of 64 tokens has to begin for a client that listens for 285 s. */
const WAITED_MS = 274_500;
const BETAS = ['interleaved-thinking-2025-05-14', 'claude-code-20250219', 'fine-grained-tool-streaming-2025-05-14'];
const SUBAGENT: AgentIds = { sessionId: 'session-1', agentId: 'agent-1', parentAgentId: 'agent-0' };
const BATCH = { default: { lane: 'batch', window: '0ms', deadline: '12h' } } as const;
const SYNC = { default: { lane: 'sync' } } as const;

let clock: VirtualClock;
let fleet: LaneFleet;
beforeAll(async () => {
  clock = new VirtualClock();
  fleet = await startLaneFleet({ clock, env: { OFFPEAK_PASSTHROUGH: 'on' } });
});
beforeEach(() => fleet.simulator.clearFaults());
afterAll(() => fleet?.close());

/** As the guide's settings have it, with what else a test says. */
function claudeCode(over: Partial<ClaudeCodeSettings> = {}, agent: AgentIds = SUBAGENT): ClaudeCode {
  const { origin: baseUrl } = fleet.gateway;
  return new ClaudeCode({ baseUrl, authToken: CLIENT_KEY, betas: BETAS, clock, ...over }, agent);
}

let words = 0;
/** A body as Claude Code writes it, but for its last brace: `system` is an array that begins with its attribution. */
function task(order = ''): { body: string; system: string } {
  const system =
    '[ {"type":"text","text":"x-anthropic-billing-header: cc_version=2.1.0; cch=\\u00e9\\/1;"},{"text":"You are an agent.","type":"text","cache_control":{"type":"ephemeral"}}]';
  const messages = `[{"role":"user","content":[{"type":"text","text":"Task ${words++} ${order}"}]}]`;
  const body = `{"model":"claude-sonnet-5-5","max_tokens":64,"system":${system},"messages":${messages},"metadata":{"user_id":"u_1"}`;
  return { body, system };
}

function upstreamCalls(path: RegExp): (RequestView & { text: string; named: Map<string, string> })[] {
  return fleet.simulator
    .requests({ bodies: true })
    .filter((call) => call.method === 'POST' && path.test(call.path))
    .map((call) => ({
      ...call,
      text: Buffer.from(call.body ?? '', 'base64').toString(),
      named: new Map(call.headers.map(([name, value]) => [name.toLowerCase(), value])),
    }));
}
const syncCalls = () => upstreamCalls(/^\/v1\/messages(\?|$)/);
const creates = () => upstreamCalls(/^\/v1\/messages\/batches$/);

/** Time goes by in steps; everyone gets to see each of them. */
async function pass(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= STEP_MS) {
    clock.advance(Math.min(STEP_MS, left));
    fleet.gateway.deps.lane.held.sweep();
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
}

/** To a moment of the clock, and no step further. */
async function passUntil(at: number): Promise<void> {
  while (clock.monotonic() < at) await pass(Math.min(STEP_MS, at - clock.monotonic()));
}

const itemsOpen = (count: number) => waitFor(`${count} items upstream`, () => upstreamItems(fleet) >= count);

describe('probes and discovery', () => {
  it('HEAD / and HEAD /api/hello are answered at once', async () => {
    for (const path of ['/', '/api/hello']) {
      expect(await claudeCode().ask('HEAD', path)).toMatchObject({ status: 200, body: '' });
    }
  });

  it('discovers models within three seconds, without a redirect', async () => {
    const { status, body, ms } = await claudeCode().ask('GET', '/v1/models?limit=1000');
    expect(status).toBe(200);
    expect(ms).toBeLessThan(3_000);
    const { data } = JSON.parse(body) as { data: { id: string }[] };
    expect(data.length).toBeGreaterThan(5);
    for (const { id } of data) expect(id).toContain('claude');
  });

  it('counts tokens', async () => {
    const { body } = task();
    const counted = await claudeCode().ask('POST', '/v1/messages/count_tokens?beta=true', counting(body));
    expect(counted.status).toBe(200);
    expect(JSON.parse(counted.body)).toEqual({ input_tokens: expect.any(Number) });
  });
});

describe.each(['sync', 'batch'] as const)('a turn in the %s lane', (lane) => {
  beforeAll(() => fleet.publish(lane === 'batch' ? BATCH : SYNC));

  const turn = async (client: ClaudeCode, body: string) => {
    const items = upstreamItems(fleet);
    const turning = client.turn(body);
    if (lane === 'batch') {
      await itemsOpen(items + 1);
      fleet.finishAll();
    }
    return turning;
  };

  it('keeps the system array byte for byte, sends every beta, and logs who asked', async () => {
    const { body, system } = task();
    const answer = await turn(claudeCode(), body);
    expect(answer).toMatchObject({ end: 'message', status: 200 });
    expect(answer.headers['x-offpeak-lane']).toBe(lane);
    const [sent] = (lane === 'sync' ? syncCalls() : creates()).slice(-1);
    const params = lane === 'sync' ? `${body},"stream":true}` : `${body}}`;
    if (lane === 'sync') expect(sent?.text).toBe(params);
    else expect(sent?.text).toContain(`"params":${params}`);
    expect(sent?.text).toContain(`"system":${system}`);
    expect(sent?.named.get('anthropic-version')).toBe('2023-06-01');
    const betas = sent?.named.get('anthropic-beta')?.split(',');
    // A batch has one set of betas for all its items, in one order.
    expect(betas).toEqual(lane === 'sync' ? BETAS : BETAS.toSorted());
    const row = await fleet.gateway.loggedAs(String(answer.headers['x-offpeak-request-id']));
    expect(row).toMatchObject({
      client: 'claude-code',
      agent: 'subagent',
      session_id: SUBAGENT.sessionId,
      agent_id: SUBAGENT.agentId,
      parent_agent_id: SUBAGENT.parentAgentId,
      lane,
      stream: true,
    });
  });

  it('takes a token beside a key of its own', async () => {
    const answer = await turn(claudeCode({ apiKey: 'sk-ant-from-a-helper' }), task().body);
    expect(answer.end).toBe('message');
    const [sent] = (lane === 'sync' ? syncCalls() : creates()).slice(-1);
    expect(sent?.named.get('x-api-key')).toBe(UPSTREAM_KEY);
    expect(sent?.named.get('authorization')).toBeUndefined();
  });

  it('gets an error of the API byte for byte', async () => {
    const rawBody =
      '{ "type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 1 tokens > 0 maximum"},"n":1.0 }\n';
    const fault = { kind: 'error', status: 400, rawBody } as const;
    if (lane === 'sync') {
      const failed = await withFault([fleet.simulator], { fault }, () => claudeCode().turn(task().body));
      expect(failed).toMatchObject({ status: 400, body: rawBody, end: 'error' });
      return;
    }
    const failed = await turn(claudeCode(), task('[[sim:error=invalid_request_error]]').body);
    expect(failed).toMatchObject({ status: 400, end: 'error' });
    const batchId = fleet.simulator.batches().at(-1)?.id;
    const results = await fetch(`${fleet.simulator.url}/v1/messages/batches/${batchId}/results`, {
      headers: { 'x-api-key': UPSTREAM_KEY, 'anthropic-version': '2023-06-01' },
    });
    expect(await results.text()).toContain(`"result":{"type":"errored","error":${failed.body}}`);
  });
});

describe('the sync lane', () => {
  beforeAll(() => fleet.publish(SYNC));

  it('forwards the agent’s headers and its query', async () => {
    await claudeCode().turn(task().body);
    const [sent] = syncCalls().slice(-1);
    expect(sent?.path).toBe('/v1/messages?beta=true');
    expect(sent?.named.get('x-claude-code-session-id')).toBe(SUBAGENT.sessionId);
    expect(sent?.named.get('x-claude-code-agent-id')).toBe(SUBAGENT.agentId);
    expect(sent?.named.get('x-claude-code-parent-agent-id')).toBe(SUBAGENT.parentAgentId);
  });

  it('leaves retries to the client', async () => {
    const client = claudeCode();
    const fault = { kind: 'error', status: 529 } as const;
    const answer = await withFault([fleet.simulator], { times: 2, fault }, () => client.turn(task().body));
    expect(answer.end).toBe('message');
    expect(client.tries.map(({ retryCount, status }) => [retryCount, status])).toEqual([
      [0, 529],
      [1, 529],
      [2, 200],
    ]);
  });
});

describe('a login with an OAuth token', () => {
  it('is always sync, and passes unchanged with its beta value', async () => {
    await fleet.publish(BATCH);
    const items = upstreamItems(fleet);
    const betas = [...BETAS, 'oauth-2025-04-20'];
    const login = claudeCode({ authToken: 'sk-ant-oat01-login', betas });
    // The second one comes with a credential that upstream has accepted.
    for (let count = 0; count < 2; count++) {
      const answer = await login.turn(task().body);
      expect(answer).toMatchObject({ end: 'message', status: 200 });
      expect(answer.headers['x-offpeak-lane']).toBe('sync');
      const [sent] = syncCalls().slice(-1);
      expect(sent?.named.get('authorization')).toBe('Bearer sk-ant-oat01-login');
      expect(sent?.named.get('anthropic-beta')).toBe(betas.join(','));
      if (count === 1) expect(answer.headers['x-offpeak-because']).toBe('ineligible:oauth');
    }
    expect(upstreamItems(fleet)).toBe(items);
  });
});

describe('a batch that does not come back', () => {
  beforeAll(() => fleet.publish(BATCH));

  it('is answered synchronously: the message begins within 270 s of the 200, and no watchdog fires', async () => {
    const client = claudeCode();
    const before = { items: upstreamItems(fleet), calls: syncCalls().length };
    const turning = client.turn(task().body);
    await itemsOpen(before.items + 1);
    // What is left of the time is the lane's, and no step takes it away.
    await passUntil((client.tries[0]?.sentAt ?? 0) + WAITED_MS);
    const answer = await turning;
    expect(answer).toMatchObject({ end: 'message', status: 200, retryCount: 0 });
    expect(client.tries).toHaveLength(1);
    const { sentAt, headersAt, messageStartAt } = answer;
    expect((headersAt ?? 0) - sentAt).toBeLessThan(25_000);
    expect((messageStartAt ?? Number.POSITIVE_INFINITY) - (headersAt ?? 0)).toBeLessThanOrEqual(270_000);
    const calls = syncCalls().slice(before.calls);
    expect(calls).toHaveLength(1);
    // What a batch cannot carry for a single item, its synchronous answer does.
    expect(calls[0]?.named.get('x-claude-code-agent-id')).toBe(SUBAGENT.agentId);
    expect(calls[0]?.path).toBe('/v1/messages?beta=true');
  });

  it('is waited for over several connections when the client says how often it comes back', async () => {
    const client = claudeCode({ customHeaders: 'x-offpeak-retries: 10\nx-offpeak-tags: team=search' });
    const before = { items: upstreamItems(fleet), calls: syncCalls().length };
    const turning = client.turn(task().body);
    await itemsOpen(before.items + 1);
    for (let connection = 1; connection <= 2; connection++) {
      await pass(285_000);
      await waitFor('its next connection', async () => {
        await pass(1_000);
        return client.tries.length > connection;
      });
      expect(client.tries[connection - 1]).toMatchObject({ status: 504, retryCount: connection - 1 });
    }
    await waitFor('it to be back at its item', () => fleet.gateway.deps.lane.held.size === 1);
    fleet.finishAll();
    const answer = await turning;
    expect(answer).toMatchObject({ end: 'message', retryCount: 2 });
    expect(answer.headers['x-offpeak-lane']).toBe('batch');
    expect(answer.headers['x-offpeak-replayed']).toBe('true');
    expect(upstreamItems(fleet)).toBe(before.items + 1);
    expect(syncCalls()).toHaveLength(before.calls);
  });

  it('is answered in time, too, when tries were lost to other things than waiting', async () => {
    const proxy = await FaultProxy.to({ host: '127.0.0.1', port: fleet.gateway.port });
    const retries = 1;
    const client = claudeCode({
      baseUrl: `http://127.0.0.1:${proxy.port}`,
      customHeaders: `x-offpeak-retries: ${retries}`,
      maxRetries: retries,
    });
    const before = upstreamItems(fleet);
    const turning = client.turn(task().body);
    await itemsOpen(before + 1);
    proxy.reset();
    await waitFor(
      'it to be back at its item',
      () => client.tries.length === 2 && fleet.gateway.deps.lane.held.size === 1,
    );
    await passUntil((client.tries[1]?.sentAt ?? 0) + WAITED_MS);
    const answer = await turning;
    await proxy.close();
    expect(answer).toMatchObject({ end: 'message', retryCount: 1, status: 200 });
    expect((answer.messageStartAt ?? 0) - (answer.headersAt ?? 0)).toBeLessThanOrEqual(270_000);
    expect(upstreamItems(fleet)).toBe(before + 1);
  });
});

describe('a connection that fails under a waiting turn', () => {
  beforeAll(() => fleet.publish(BATCH));

  it('a stalled stream is issued once more, and finds its item', async () => {
    const proxy = await FaultProxy.to({ host: '127.0.0.1', port: fleet.gateway.port });
    const client = claudeCode({
      baseUrl: (tries) => (tries === 0 ? `http://127.0.0.1:${proxy.port}` : fleet.gateway.origin),
      customHeaders: 'x-offpeak-retries: 10',
    });
    const before = { items: upstreamItems(fleet), calls: syncCalls().length };
    const turning = client.turn(task().body);
    await itemsOpen(before.items + 1);
    proxy.mode = 'hold';
    await passUntil((client.tries[0]?.sentAt ?? 0) + 300_000);
    await waitFor(
      'it to be back at its item',
      () => client.tries.length === 2 && fleet.gateway.deps.lane.held.size === 1,
    );
    expect(client.tries[0]).toMatchObject({ end: 'byte_watchdog', status: null });
    fleet.finishAll();
    expect(await turning).toMatchObject({ end: 'message', retryCount: 0 });
    await proxy.close();
    expect(upstreamItems(fleet)).toBe(before.items + 1);
    expect(syncCalls()).toHaveLength(before.calls);
  });

  it('a stream that breaks in the middle is asked for again without one, and paid once', async () => {
    const client = claudeCode({ breakAfterEvents: 2 });
    const before = { items: upstreamItems(fleet), calls: syncCalls().length };
    const turning = client.turn(task('[[sim:output=60]]').body);
    await itemsOpen(before.items + 1);
    fleet.finishAll();
    const answer = await turning;
    expect(client.tries).toMatchObject([
      { isStream: true, end: 'broken', retryCount: 0 },
      { isStream: false, end: 'message', retryCount: 0 },
    ]);
    expect(answer.messageId).toBe(client.tries[0]?.messageId);
    expect(answer.headers['x-offpeak-replayed']).toBe('true');
    expect(upstreamItems(fleet)).toBe(before.items + 1);
    expect(syncCalls()).toHaveLength(before.calls);
  });

  it('the same from another session is a call of its own', async () => {
    const { body } = task();
    const before = upstreamItems(fleet);
    const first = claudeCode().turn(body);
    await itemsOpen(before + 1);
    const other = claudeCode({}, { sessionId: 'session-2' }).turn(body);
    await itemsOpen(before + 2);
    fleet.finishAll();
    const [one, two] = await Promise.all([first, other]);
    expect(one.messageId).not.toBe(two.messageId);
  });
});

it('the guide’s rule sends sub-agents its way, and no one else', async () => {
  const rule = JSON.parse(readmeRecipe('claude-code-rule'));
  await fleet.publish({ rules: [rule], default: { lane: 'sync' } });
  const ruleOf = async (agent: AgentIds, customHeaders = '') => {
    const items = upstreamItems(fleet);
    const turning = claudeCode({ customHeaders }, agent).turn(task().body);
    const stop = setInterval(() => upstreamItems(fleet) > items && fleet.finishAll(), 20);
    const { headers } = await turning.finally(() => clearInterval(stop));
    return headers['x-offpeak-rule'];
  };
  expect(await ruleOf(SUBAGENT)).toBe('subagents');
  expect(await ruleOf({ sessionId: 'session-1' })).toBe('default');
  expect(await ruleOf(SUBAGENT, 'x-offpeak-tolerance: interactive')).toBe('override');
});

/** What count_tokens takes of a message. */
function counting(body: string): string {
  const { model, system, messages } = JSON.parse(`${body}}`);
  return JSON.stringify({ model, system, messages });
}
