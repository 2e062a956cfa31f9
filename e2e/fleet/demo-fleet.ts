import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { clientOf } from '@/e2e/browser/client-of';
import type { AdminApi } from '@/e2e/process/admin-api';
import { type Role, work } from './agent';
import type { Ask } from './lanes/ask';
import { askDirectly } from './lanes/ask-directly';

/** A role with how many agents have it and how long each rests between two tasks, ms. */
interface Crew extends Role {
  /** Its agents are the sub-agents of another one. */
  isBelow?: true;
  agents: number;
  restMs: readonly [number, number];
}

const INSTRUCTIONS = 'You look after the orders of a shop. Be brief and exact. '.repeat(400);

const CREWS: readonly Crew[] = [
  {
    name: 'chat',
    model: 'claude-sonnet-5-5',
    tags: 'team=support',
    turns: 1,
    maxTokens: 1_000,
    outputTokens: 220,
    stream: true,
    agents: 6,
    restMs: [1_500, 6_000],
  },
  {
    name: 'background-agents',
    model: 'claude-opus-5-5',
    toleranceMs: 300_000,
    tags: 'team=platform,job=refactor',
    isBelow: true,
    turns: 4,
    maxTokens: 2_000,
    outputTokens: 400,
    stream: true,
    agents: 10,
    restMs: [500, 4_000],
  },
  {
    name: 'ci-review',
    model: 'claude-haiku-5-5',
    toleranceMs: 900_000,
    tags: 'team=platform,job=ci',
    turns: 2,
    maxTokens: 1_500,
    outputTokens: 300,
    stream: false,
    agents: 10,
    restMs: [500, 5_000],
  },
  {
    name: 'nightly-evals',
    model: 'claude-sonnet-5',
    toleranceMs: 7_200_000,
    tags: 'team=evals,job=nightly',
    turns: 1,
    maxTokens: 2_000,
    outputTokens: 600,
    stream: false,
    agents: 24,
    restMs: [500, 5_000],
  },
  {
    name: 'triage',
    model: 'claude-haiku-5-5',
    tags: 'team=support,job=triage',
    turns: 1,
    maxTokens: 500,
    outputTokens: 120,
    stream: false,
    agents: 4,
    restMs: [1_000, 5_000],
  },
  {
    name: 'cached-loops',
    model: 'claude-opus-5-5',
    toleranceMs: 600_000,
    tags: 'team=search',
    turns: 4,
    maxTokens: 1_000,
    outputTokens: 150,
    stream: true,
    system: INSTRUCTIONS,
    cache: 'system',
    agents: 3,
    restMs: [500, 2_000],
  },
];

/** Keys and crews at work until `signal` aborts. A task that fails is over, as any agent's would be. */
export async function runDemoFleet(api: AdminApi, origin: string, signal: AbortSignal): Promise<void> {
  const crews = await Promise.all(
    CREWS.map(async (crew) => ({ crew, client: clientOf(origin, (await api.createKey({ name: crew.name })).secret) })),
  );
  const agents = crews.flatMap(({ crew, client }) =>
    Array.from({ length: crew.agents }, (_, i) => runAgent(crew, i, askDirectly(client), signal)),
  );
  await Promise.all(agents);
}

async function runAgent(crew: Crew, index: number, ask: Ask, signal: AbortSignal): Promise<void> {
  const sessionId = randomUUID();
  const ids = crew.isBelow && { agentId: `${crew.name}-${index}`, parentAgentId: 'main' };
  const [from, to] = crew.restMs;
  while (!signal.aborted) {
    await sleep(from + Math.random() * (to - from), null, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    const task = { role: crew, word: randomUUID(), sessionId, ...ids };
    await work(ask, task, () => undefined, signal).catch(() => undefined);
  }
}
