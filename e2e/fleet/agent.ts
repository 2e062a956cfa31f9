import type Anthropic from '@anthropic-ai/sdk';
import { formatTolerance } from '@/lib/core/duration';
import type { Ask, Question } from './lanes/ask';
import { runTool, TOOLS } from './repository';

/** One kind of agent: a tool loop on the official SDK that knows nothing of Offpeak but its base URL and headers. */
export interface Role {
  /** Of its API key. */
  name: string;
  model: string;
  /** How long one call may take, ms; without it the call does not say. */
  toleranceMs?: number;
  /** As the header has them. */
  tags: string;
  /** Turns of its loop at most; 1 asks without tools. */
  turns: number;
  maxTokens: number;
  /** Tokens that the simulated model answers with; `null`: it is a real one. */
  outputTokens: number | null;
  stream: boolean;
  /** What every call of the role begins with. */
  system?: string;
  /** Every agent's system prompt begins with its own name: no two share a cached prefix. */
  ownPrompt?: true;
  /** Marked to be cached: nothing, the system prompt, or that and the whole conversation, as Claude Code does. */
  cache?: 'system' | 'conversation';
}

export interface Task {
  role: Role;
  /** Makes the task like no other. */
  word: string;
  /** The agent's session; its sub-agents share it. */
  sessionId: string;
  /** Of a sub-agent. */
  agentId?: string;
  parentAgentId?: string;
}

export interface TurnReport {
  /** `performance.now()` when it was asked. */
  startedAt: number;
  ms: number;
  /** To the first piece of a streamed answer. */
  firstMs: number | null;
  /** As Offpeak says it; `null`: something else answered. */
  lane: string | null;
  /** How the answer was billed, in the API's own word. */
  tier: string | null;
  text: string;
}

/**
 * Works on one task to its end, telling every turn as it is done.
 * @throws what the lane throws.
 */
export async function work(
  ask: Ask,
  task: Task,
  onTurn: (turn: TurnReport) => void,
  signal: AbortSignal,
): Promise<void> {
  const { role, word } = task;
  const messages: Anthropic.MessageParam[] = [{ role: 'user', content: firstWords(role, word) }];
  for (let turn = 0; turn < role.turns; turn++) {
    const startedAt = performance.now();
    const { message, lane, firstMs } = await ask(questionOf(task, messages), signal);
    const ms = performance.now() - startedAt;
    onTurn({ startedAt, ms, firstMs, lane, tier: message.usage.service_tier, text: textOf(message) });
    if (message.stop_reason !== 'tool_use') return;
    messages.push({ role: 'assistant', content: message.content });
    const calls = message.content.filter((block) => block.type === 'tool_use');
    messages.push({ role: 'user', content: calls.map(runTool) });
  }
}

/** Orders in double brackets are for the simulated model: how many tools to call, how much to say. */
function firstWords({ turns, outputTokens }: Role, word: string): string {
  const request =
    turns > 1
      ? `Order ${word} has not arrived. Look at the files one by one, one tool call at a time, then say what to change.`
      : `Order ${word} has not arrived. What should we tell the customer?`;
  return outputTokens === null ? request : `${request} [[sim:tools=${turns - 1}]] [[sim:output=${outputTokens}]]`;
}

function questionOf({ role, sessionId, agentId, parentAgentId }: Task, messages: Anthropic.MessageParam[]): Question {
  const cached = { type: 'ephemeral' } as const;
  const { cache } = role;
  const system = role.ownPrompt ? `Session ${sessionId}. ${role.system}` : role.system;
  return {
    stream: role.stream,
    params: {
      model: role.model,
      max_tokens: role.maxTokens,
      messages: cache === 'conversation' ? markLast(messages) : [...messages],
      ...(role.turns > 1 && { tools: TOOLS }),
      ...(system !== undefined && {
        system: [{ type: 'text', text: system, ...(cache && { cache_control: cached }) }],
      }),
    },
    headers: {
      'x-claude-code-session-id': sessionId,
      ...(agentId !== undefined && { 'x-claude-code-agent-id': agentId }),
      ...(parentAgentId !== undefined && { 'x-claude-code-parent-agent-id': parentAgentId }),
      ...(role.toleranceMs !== undefined && { 'x-offpeak-tolerance': formatTolerance(role.toleranceMs) }),
      'x-offpeak-tags': role.tags,
    },
  };
}

/** @param messages - the last one is the user's. */
function markLast(messages: readonly Anthropic.MessageParam[]): Anthropic.MessageParam[] {
  const content = messages.at(-1)?.content ?? [];
  const blocks = typeof content === 'string' ? [{ type: 'text' as const, text: content }] : content;
  const marked = blocks.map((block, i) =>
    i < blocks.length - 1 ? block : { ...block, cache_control: { type: 'ephemeral' } },
  );
  return [...messages.slice(0, -1), { role: 'user', content: marked as Anthropic.ContentBlockParam[] }];
}

function textOf(message: Anthropic.Message): string {
  return message.content
    .map((block) => (block.type === 'text' ? block.text : block.type === 'tool_use' ? block.name : block.type))
    .join('\n');
}
