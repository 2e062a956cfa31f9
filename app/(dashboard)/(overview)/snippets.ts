export const MODEL = 'claude-sonnet-5-5';
export const PLACEHOLDER = 'YOUR_OFFPEAK_KEY';

export interface Snippet {
  id: string;
  name: string;
  text: string;
}

/** Ways to make a first call, ready to paste. */
export function snippets(origin: string, key: string): Snippet[] {
  return [
    {
      id: 'claude-code',
      name: 'Claude Code',
      text: `export ANTHROPIC_BASE_URL=${origin}
export ANTHROPIC_AUTH_TOKEN=${key}
claude -p "Say hello"`,
    },
    {
      id: 'typescript',
      name: 'TypeScript',
      text: `import Anthropic from '@anthropic-ai/sdk';

const client = new Anthropic({
  baseURL: '${origin}',
  apiKey: '${key}',
});

const message = await client.messages.create({
  model: '${MODEL}',
  max_tokens: 100,
  messages: [{ role: 'user', content: 'Say hello' }],
});
console.log(message.content);`,
    },
    {
      id: 'python',
      name: 'Python',
      text: `from anthropic import Anthropic

client = Anthropic(
    base_url="${origin}",
    api_key="${key}",
)

message = client.messages.create(
    model="${MODEL}",
    max_tokens=100,
    messages=[{"role": "user", "content": "Say hello"}],
)
print(message.content)`,
    },
    {
      id: 'curl',
      name: 'curl',
      text: `curl ${origin}/v1/messages \\
  -H "x-api-key: ${key}" \\
  -H "anthropic-version: 2023-06-01" \\
  -H "content-type: application/json" \\
  -d '{"model": "${MODEL}", "max_tokens": 100, "messages": [{"role": "user", "content": "Say hello"}]}'`,
    },
  ];
}
