import type { Agent, Client } from '@/lib/core/request-states';
import { type HeaderPairs, header } from './headers';

/** Who calls, as far as the headers tell. Source: the SDKs' and Claude Code's documented request headers. */
export interface Caller {
  client: Client;
  agent: Agent;
  sessionId: string | null;
  agentId: string | null;
  parentAgentId: string | null;
}

const MOST_CHARS = 200;

export function readCaller(headers: HeaderPairs): Caller {
  const userAgent = header(headers, 'user-agent') ?? '';
  const sessionId = clip(header(headers, 'x-claude-code-session-id'));
  const agentId = clip(header(headers, 'x-claude-code-agent-id'));
  const isClaudeCode = sessionId !== null || /^claude-(cli|code)\//i.test(userAgent);
  return {
    client: isClaudeCode ? 'claude-code' : sdkOf(userAgent, header(headers, 'x-stainless-lang')),
    // Claude Code sends an agent id for sub-agents only.
    agent: agentId !== null ? 'subagent' : isClaudeCode ? 'main' : 'none',
    sessionId,
    agentId,
    parentAgentId: clip(header(headers, 'x-claude-code-parent-agent-id')),
  };
}

function sdkOf(userAgent: string, language: string | null): Client {
  if (language === 'js' || userAgent.startsWith('Anthropic/JS')) return 'sdk-ts';
  if (language === 'python' || /^(?:Async)?Anthropic\/Python/.test(userAgent)) return 'sdk-python';
  return 'other';
}

function clip(value: string | null): string | null {
  return value ? value.slice(0, MOST_CHARS) : null;
}
