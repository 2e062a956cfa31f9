import type Anthropic from '@anthropic-ai/sdk';

const FILES: Readonly<Record<string, string>> = {
  'README.md': 'Orders: a service that takes orders and tells where they are.',
  'src/orders.ts': 'export function place(order: Order): Receipt { return { id: nextId(), order, state: "placed" }; }',
  'src/tracking.ts': 'export function whereIs(id: string): Place { return lookUp(id) ?? { state: "unknown" }; }',
  'test/orders.test.ts': 'test("an order gets an id", () => expect(place(anOrder).id).toBeTruthy());',
};

/** What the agents work on: tools over a few files, answered from memory. */
export const TOOLS: Anthropic.Tool[] = [
  {
    name: 'read_file',
    description: 'The text of one file.',
    input_schema: {
      type: 'object',
      properties: { path: { type: 'string', enum: Object.keys(FILES) } },
      required: ['path'],
    },
  },
  {
    name: 'search',
    description: 'Files that hold a text.',
    input_schema: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
  },
];

/** Runs one tool call. What cannot be done is told to the model, as an agent does. */
export function runTool({ id, name, input }: Anthropic.ToolUseBlock): Anthropic.ToolResultBlockParam {
  const asked = typeof input === 'object' && input !== null ? (input as Record<string, unknown>) : {};
  const result = (content: string, isError = false): Anthropic.ToolResultBlockParam => ({
    type: 'tool_result',
    tool_use_id: id,
    content,
    is_error: isError,
  });
  if (name === 'read_file') {
    const text = FILES[String(asked.path)];
    return text === undefined ? result('There is no such file.', true) : result(text);
  }
  if (name === 'search') {
    const found = Object.keys(FILES).filter((path) => FILES[path]?.includes(String(asked.text)));
    return result(found.join('\n') || 'Nothing found.');
  }
  return result(`There is no tool ${name}.`, true);
}
