import { setTimeout as sleep } from 'node:timers/promises';
import { SeededRandom } from '@/lib/simulator/seeded-random';
import { type Role, type TurnReport, work } from './agent';
import type { Ask } from './lanes/ask';
import { seededUuid } from './seeded-uuid';

/** A role with how many agents have it, what each does and how long it rests before every task, ms. */
export interface Crew {
  role: Role;
  agents: number;
  tasks: number;
  restMs: readonly [from: number, to: number];
  /** Begun side by side once an agent's first task is done; its other tasks wait for them. */
  subagents?: { role: Role; count: number };
}

export interface AgentReport {
  role: string;
  /** `unfinished`: the time was up. */
  state: 'done' | 'failed' | 'unfinished';
  /** What a failed one was told. */
  error: string | null;
  /** `performance.now()` when it began, rests counted. */
  startedAt: number;
  ms: number;
  turns: TurnReport[];
}

interface Run {
  /** Names the run's draws: the same agents do the same tasks whatever answers them. */
  seed: number;
  askAs(role: Role): Ask;
  signal: AbortSignal;
}

/** All agents of all crews side by side, each to its end or to the abort. */
export async function runCrews(crews: readonly Crew[], run: Run): Promise<AgentReport[]> {
  const agents = crews.flatMap((crew) => Array.from({ length: crew.agents }, (_, i) => ({ crew, i })));
  return (await Promise.all(agents.map(({ crew, i }) => runAgent(crew, i, run)))).flat();
}

async function runAgent(crew: Crew, index: number, run: Run): Promise<AgentReport[]> {
  const { role, tasks, restMs, subagents } = crew;
  const name = `${role.name}-${index}`;
  const random = new SeededRandom(run.seed, `rest|${name}`);
  const sessionId = seededUuid(run.seed, name);
  const below: AgentReport[] = [];
  const own = await report(role, run.signal, async (onTurn) => {
    for (let task = 0; task < tasks; task++) {
      await sleep(random.between(...restMs), null, { signal: run.signal });
      await work(run.askAs(role), { role, word: `${name}-${task}`, sessionId }, onTurn, run.signal);
      if (task > 0 || !subagents) continue;
      const started = Array.from({ length: subagents.count }, (_, i) => runSubagent(subagents.role, name, i, run));
      below.push(...(await Promise.all(started)));
    }
  });
  return [own, ...below];
}

function runSubagent(role: Role, parent: string, index: number, run: Run): Promise<AgentReport> {
  const name = `${parent}-${role.name}-${index}`;
  const task = {
    role,
    word: name,
    sessionId: seededUuid(run.seed, parent),
    agentId: name,
    parentAgentId: parent,
  };
  return report(role, run.signal, (onTurn) => work(run.askAs(role), task, onTurn, run.signal));
}

async function report(
  { name }: Role,
  signal: AbortSignal,
  act: (onTurn: (turn: TurnReport) => void) => Promise<void>,
): Promise<AgentReport> {
  const startedAt = performance.now();
  const turns: TurnReport[] = [];
  const ended = (state: AgentReport['state'], error: string | null = null) => {
    return { role: name, state, error, startedAt, ms: performance.now() - startedAt, turns };
  };
  try {
    await act((turn) => turns.push(turn));
    return ended('done');
  } catch (error) {
    if (signal.aborted) return ended('unfinished');
    return ended('failed', error instanceof Error ? error.message : String(error));
  }
}
