import type { Role } from '@/e2e/fleet/agent';
import type { Crew } from '@/e2e/fleet/run-crews';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

export const SCENARIO_IDS = ['one', 'one-waiting', 'fleet-20', 'fleet-100', 'fleet-500', 'mixed', 'cached'] as const;
export type ScenarioId = (typeof SCENARIO_IDS)[number];

/** Everything here is in the API's time; a simulator that runs faster divides all of it. */
export interface Scenario {
  id: ScenarioId;
  title: string;
  question: string;
  crews: readonly Crew[];
  /** What is not over by then is broken off and counted as unfinished. */
  patienceMs: number;
  /** Too many agents to have two ways of answering them side by side on one machine. */
  isCrowd?: boolean;
}

const HAIKU = 'claude-haiku-5-5';
const SONNET = 'claude-sonnet-5-5';
const OPUS = 'claude-opus-5-5';

const AT_ONCE = [0, 0] as const;
const HANDBOOK =
  'Rule: an order is placed once, shipped once and tracked until it has arrived; whoever changes its state says why. ';

const agent: Role = {
  name: 'agent',
  model: SONNET,
  tags: 'team=platform,job=refactor',
  turns: 5,
  maxTokens: 1_000,
  outputTokens: 300,
  stream: true,
  system: `You repair a service that takes orders. ${HANDBOOK.repeat(40)}`,
};

const subagent: Role = { ...agent, name: 'subagent', toleranceMs: 10 * MINUTE };

const person: Role = {
  name: 'person',
  model: SONNET,
  tags: 'team=support',
  turns: 1,
  maxTokens: 600,
  outputTokens: 220,
  stream: true,
};

const lead: Role = { ...agent, name: 'lead', turns: 2, tags: 'team=platform,job=lead' };

const ci: Role = {
  name: 'ci',
  model: HAIKU,
  toleranceMs: 15 * MINUTE,
  tags: 'team=platform,job=ci',
  turns: 2,
  maxTokens: 800,
  outputTokens: 250,
  stream: false,
  system: `You review changes. ${HANDBOOK.repeat(60)}`,
};

const nightly: Role = {
  name: 'nightly',
  model: OPUS,
  toleranceMs: 30 * MINUTE,
  tags: 'team=evals,job=nightly',
  turns: 1,
  maxTokens: 1_000,
  outputTokens: 500,
  stream: false,
  system: `You grade answers. ${HANDBOOK.repeat(20)}`,
};

const research: Role = {
  name: 'research',
  model: OPUS,
  toleranceMs: 10 * MINUTE,
  tags: 'team=research',
  turns: 1,
  maxTokens: 800,
  outputTokens: 350,
  stream: true,
  system: `You know this archive. ${HANDBOOK.repeat(400)}`,
  cache: 'system',
};

const loop: Role = {
  name: 'loop',
  model: OPUS,
  toleranceMs: 10 * MINUTE,
  tags: 'team=search',
  turns: 6,
  maxTokens: 800,
  outputTokens: 150,
  stream: true,
  system: `You know this repository by heart. ${HANDBOOK.repeat(600)}`,
  ownPrompt: true,
  cache: 'conversation',
};

export const SCENARIOS: Readonly<Record<ScenarioId, Scenario>> = {
  one: {
    id: 'one',
    title: 'One agent, five turns, somebody waits for it',
    question: 'The experiment that it began with: what does it cost one agent to have every turn batched?',
    crews: [{ role: agent, agents: 1, tasks: 1, restMs: AT_ONCE }],
    patienceMs: 30 * MINUTE,
  },
  'one-waiting': {
    id: 'one-waiting',
    title: 'The same agent in the background: each turn may take ten minutes',
    question: 'What if nobody waits for it?',
    crews: [{ role: subagent, agents: 1, tasks: 1, restMs: AT_ONCE }],
    patienceMs: 30 * MINUTE,
  },
  'fleet-20': fleetOf(20),
  'fleet-100': fleetOf(100),
  'fleet-500': fleetOf(500),
  mixed: {
    id: 'mixed',
    title: 'A mixed fleet with people in it',
    question: 'Do people notice that a fleet is batched beside them?',
    crews: [
      { role: person, agents: 12, tasks: 12, restMs: [20 * SECOND, 80 * SECOND] },
      { role: lead, agents: 6, tasks: 2, restMs: [0, 30 * SECOND], subagents: { role: subagent, count: 5 } },
      { role: ci, agents: 30, tasks: 2, restMs: [0, 3 * MINUTE] },
      { role: nightly, agents: 60, tasks: 1, restMs: [0, MINUTE] },
      { role: research, agents: 30, tasks: 1, restMs: [0, 2 * MINUTE] },
    ],
    patienceMs: 30 * MINUTE,
  },
  cached: {
    id: 'cached',
    title: 'Cached agent loops',
    question:
      'Eight agents come by and by, each reading its long prompt from the cache with every turn: a batch costs more than it saves. Does the router see it?',
    crews: [{ role: loop, agents: 8, tasks: 2, restMs: [0, 8 * MINUTE] }],
    patienceMs: 30 * MINUTE,
  },
};

function fleetOf(agents: 20 | 100 | 500): Scenario {
  return {
    id: `fleet-${agents}`,
    title: `${agents} background agents side by side`,
    question: 'Where does batching pay, and what becomes of the number of batches?',
    crews: [{ role: subagent, agents, tasks: 1, restMs: [0, 30 * SECOND] }],
    patienceMs: 30 * MINUTE,
    isCrowd: agents === 500,
  };
}

/** The scenario as it runs where the API's time is divided by `timeScale`. */
export function scaleScenario(scenario: Scenario, timeScale: number): Scenario {
  const scaled = (ms: number) => ms / timeScale;
  const scaledRole = (role: Role): Role =>
    role.toleranceMs === undefined ? role : { ...role, toleranceMs: Math.round(scaled(role.toleranceMs)) };
  return {
    ...scenario,
    patienceMs: scaled(scenario.patienceMs),
    crews: scenario.crews.map((crew) => ({
      ...crew,
      role: scaledRole(crew.role),
      restMs: [scaled(crew.restMs[0]), scaled(crew.restMs[1])],
      ...(crew.subagents && {
        subagents: { ...crew.subagents, role: scaledRole(crew.subagents.role) },
      }),
    })),
  };
}

export function rolesOf(crews: readonly Crew[]): Role[] {
  const roles = crews.flatMap(({ role, subagents }) => (subagents ? [role, subagents.role] : [role]));
  return [...new Map(roles.map((role) => [role.name, role])).values()];
}

export function modelsOf(scenarios: readonly Scenario[]): string[] {
  return [...new Set(scenarios.flatMap(({ crews }) => rolesOf(crews).map(({ model }) => model)))];
}
