import { expect, test } from 'vitest';
import { readCaller } from './caller';

test.each([
  ['Claude Code, main agent', [['x-claude-code-session-id', 's1']], 'claude-code', 'main'],
  [
    'Claude Code, sub-agent',
    [
      ['X-Claude-Code-Session-Id', 's1'],
      ['x-claude-code-agent-id', 'a1'],
    ],
    'claude-code',
    'subagent',
  ],
  ['Claude Code without a session header', [['user-agent', 'claude-cli/2.1.0 (external, cli)']], 'claude-code', 'main'],
  [
    'TypeScript SDK',
    [
      ['user-agent', 'Anthropic/JS 1.12.0'],
      ['x-stainless-lang', 'js'],
    ],
    'sdk-ts',
    'none',
  ],
  [
    'Python SDK',
    [
      ['user-agent', 'AsyncAnthropic/Python 1.13.0'],
      ['x-stainless-lang', 'python'],
    ],
    'sdk-python',
    'none',
  ],
  ['curl', [['user-agent', 'curl/8.0']], 'other', 'none'],
] as const)('%s', (_name, headers, client, agent) => {
  expect(readCaller(headers as unknown as [string, string][])).toMatchObject({ client, agent });
});
