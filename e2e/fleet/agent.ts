import type Anthropic from '@anthropic-ai/sdk';
import { runTool, TOOLS } from './repository';

/** One kind of agent: a tool loop on the official SDK that knows nothing of Offpeak but its base URL and headers. */
export interface Role {
  /** Of its API key. */
  name: string;
  model: string;
  /** Sent with every call. */
  headers: Readonly<Record<string, string>>;
  /** Turns of its loop; 1 asks without tools. */
  turns: number;
  maxTokens: number;
  /** Tokens that the simulated model answers with. */
  outputTokens: number;
  stream: boolean;
  /** A long system prompt that is marked to be cached. */
  cachedSystem?: string;
}

export interface Task {
  role: Role;
  /** Makes the task like no other. */
  word: string;
  /** The agent's session; its sub-agents share it. */
  sessionId: string;
}

export interface TurnReport {
  ms: number;
  lane: string | null;
  usage: Anthropic.Usage | null;
}

/** Works on one task to its end. @throws what the SDK throws. */
export async function work(client: Anthropic, { role, word, sessionId }: Task): Promise<TurnReport[]> {
  const order = `[[sim:tools=${role.turns - 1}]] [[sim:output=${role.outputTokens}]]`;
  const messages: Anthropic.MessageParam[] = [{ role: 'user', content: `Order ${word} has not arrived. ${order}` }];
  const reports: TurnReport[] = [];
  for (let turn = 0; turn < role.turns; turn++) {
    const { message, report } = await ask(client, role, sessionId, messages);
    reports.push(report);
    if (message.stop_reason !== 'tool_use') break;
    messages.push({ role: 'assistant', content: message.content });
    const calls = message.content.filter((block) => block.type === 'tool_use');
    messages.push({ role: 'user', content: calls.map(runTool) });
  }
  return reports;
}

async function ask(client: Anthropic, role: Role, sessionId: string, messages: Anthropic.MessageParam[]) {
  const params: Anthropic.MessageCreateParamsNonStreaming = {
    model: role.model,
    max_tokens: role.maxTokens,
    messages,
    ...(role.turns > 1 && { tools: TOOLS }),
    ...(role.cachedSystem !== undefined && {
      system: [{ type: 'text', text: role.cachedSystem, cache_control: { type: 'ephemeral' } }],
    }),
  };
  const headers = { 'x-claude-code-session-id': sessionId, ...role.headers };
  const startedAt = performance.now();
  const { message, response } = role.stream
    ? await streamed(client, params, headers)
    : await whole(client, params, headers);
  const lane = response.headers.get('x-offpeak-lane');
  return { message, report: { ms: performance.now() - startedAt, lane, usage: message.usage } };
}

async function whole(client: Anthropic, params: Anthropic.MessageCreateParamsNonStreaming, headers: Role['headers']) {
  const { data: message, response } = await client.messages.create(params, { headers }).withResponse();
  return { message, response };
}

async function streamed(
  client: Anthropic,
  params: Anthropic.MessageCreateParamsNonStreaming,
  headers: Role['headers'],
) {
  const stream = client.messages.stream(params, { headers });
  const { response } = await stream.withResponse();
  return { message: await stream.finalMessage(), response };
}
