import { derivedId } from './identifiers';
import { isObject, type JsonObject, objectsIn } from './json-value';
import { sampleSchema } from './sample-schema';
import type { SeededRandom } from './seeded-random';
import type { SimDirectives } from './sim-directives';
import { isServerTool } from './validate-tools';

/** One turn of the scripted agent loop: the calls that the model makes. */
export interface ToolTurn {
  readonly calls: readonly JsonObject[];
  /** Whether `tool_choice` forced it, which leaves no room for words. */
  readonly forced: boolean;
}

/** Tool results after which the loop ends unless `[[sim:tools=N]]` says otherwise. */
const DEFAULT_TOOL_RESULTS = 3;

/**
 * Decides whether the model calls a tool: it does until enough results have come back since the user last spoke, and
 * always when `tool_choice` forces it.
 *
 * @returns `null` for a final answer
 */
export function toolTurn(
  body: JsonObject,
  directives: SimDirectives,
  random: SeededRandom,
  messageId: string,
): ToolTurn | null {
  const tools = objectsIn(body.tools).filter((tool) => !isServerTool(tool) && tool.defer_loading !== true);
  const choice = isObject(body.tool_choice) ? body.tool_choice : { type: 'auto' };
  if (tools.length === 0 || choice.type === 'none') return null;
  const forced = choice.type === 'any' || choice.type === 'tool';
  const results = toolResultsSinceUser(body.messages);
  if (!forced && results >= (directives.tools ?? DEFAULT_TOOL_RESULTS)) return null;
  const candidates = choice.type === 'tool' ? tools.filter((tool) => nameOf(tool) === choice.name) : tools;
  if (candidates.length === 0) return null;
  const count = choice.disable_parallel_tool_use === true ? 1 : (directives.parallel ?? 1);
  const calls = Array.from({ length: Math.max(1, count) }, (_, index) => {
    const tool = random.pick(candidates);
    return {
      type: 'tool_use',
      id: derivedId('toolu', `${messageId}|${index}`),
      name: nameOf(tool),
      input: inputFor(tool, random),
      caller: { type: 'direct' },
    };
  });
  return { calls, forced };
}

function nameOf(tool: JsonObject): string {
  return typeof tool.name === 'string' ? tool.name : String(tool.type);
}

/** Results in the conversation's tail, back to the last message in which the user only spoke. */
function toolResultsSinceUser(messages: unknown): number {
  let results = 0;
  for (const message of [...objectsIn(messages)].reverse()) {
    if (message.role !== 'user') continue;
    const found = objectsIn(message.content).filter((block) => block.type === 'tool_result').length;
    if (found === 0) break;
    results += found;
  }
  return results;
}

function inputFor(tool: JsonObject, random: SeededRandom): unknown {
  if (isObject(tool.input_schema)) {
    const input = sampleSchema(tool.input_schema, random);
    return isObject(input) ? input : {};
  }
  const type = String(tool.type);
  if (type.startsWith('bash_')) return { command: 'ls -la' };
  if (type.startsWith('text_editor_')) return { command: 'view', path: '/repo/README.md' };
  if (type.startsWith('memory_')) return { command: 'view', path: '/memories' };
  if (type.startsWith('computer_')) return { action: 'screenshot' };
  return {};
}
