import { invalid } from './api-error';
import { hasBeta } from './check-betas';
import { isObject, type JsonObject, objectsIn } from './json-value';

/** Tool types that the API defines itself, by stem and dates (Messages API, tools). */
const TYPED_TOOLS: ReadonlySet<string> = new Set(
  `bash_20250124 text_editor_20250124 text_editor_20250429 text_editor_20250728 memory_20250818
  computer_20250124 computer_20251124 computer_toolset_20260801 browser_toolset_20260801
  web_search_20250305 web_search_20260209 web_search_20260318
  web_fetch_20250910 web_fetch_20260209 web_fetch_20260309 web_fetch_20260318
  code_execution_20250522 code_execution_20250825 code_execution_20260120 code_execution_20260521
  tool_search_tool_bm25_20251119 tool_search_tool_regex_20251119 tool_search_tool_bm25 tool_search_tool_regex
  advisor_20260301`.split(/\s+/),
);

const SERVER_TOOL = /^(web_search|web_fetch|code_execution|tool_search_tool|mcp_toolset|advisor)/;

/** Whether the API runs the tool itself, rather than the caller. */
export function isServerTool(tool: JsonObject): boolean {
  return typeof tool.type === 'string' && SERVER_TOOL.test(tool.type);
}

/** Checks `tools` and `tool_choice`. @throws ApiError 400 */
export function checkTools(body: JsonObject, betas: readonly string[]): void {
  const { tools } = body;
  if (tools !== undefined && tools !== null && !Array.isArray(tools)) {
    throw invalid('tools: Input should be a valid list');
  }
  const names = new Set<string>();
  for (const [index, tool] of (tools ?? []).entries()) {
    if (!isObject(tool)) throw invalid(`tools.${index}: Input should be a valid dictionary`);
    const name = checkTool(tool, index, betas);
    if (name === null) continue;
    if (names.has(name)) throw invalid('tools: Tool names must be unique.');
    names.add(name);
  }
  checkToolChoice(body.tool_choice, names, objectsIn(tools).length);
}

function checkTool(tool: JsonObject, index: number, betas: readonly string[]): string | null {
  const type = tool.type ?? 'custom';
  if (type === 'mcp_toolset') {
    if (!hasBeta(betas, 'mcp-client')) throw invalid(`tools.${index}: mcp_toolset requires the mcp-client beta`);
    return null;
  }
  if (type !== 'custom') {
    if (typeof type === 'string' && TYPED_TOOLS.has(type)) return String(tool.name ?? type);
    throw invalid(
      `tools.${index}: Input tag '${String(type)}' found using 'type' does not match any of the expected tags: 'custom', ${[...TYPED_TOOLS].map((known) => `'${known}'`).join(', ')}`,
    );
  }
  if (tool.name === undefined) throw invalid(`tools.${index}.custom.name: Field required`);
  if (typeof tool.name !== 'string' || !/^[a-zA-Z0-9_-]{1,128}$/.test(tool.name)) {
    throw invalid(`tools.${index}.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'`);
  }
  if (tool.input_schema === undefined) throw invalid(`tools.${index}.custom.input_schema: Field required`);
  if (!isObject(tool.input_schema)) {
    throw invalid(`tools.${index}.custom.input_schema: Input should be a valid dictionary`);
  }
  if (tool.input_schema.type === undefined) throw invalid(`tools.${index}.custom.input_schema.type: Field required`);
  if (tool.input_schema.type !== 'object') {
    throw invalid(`tools.${index}.custom.input_schema.type: Input should be 'object'`);
  }
  return tool.name;
}

function checkToolChoice(choice: unknown, names: ReadonlySet<string>, toolCount: number): void {
  if (choice === undefined || choice === null) return;
  if (!isObject(choice)) throw invalid('tool_choice: Input should be a valid dictionary');
  const type = String(choice.type);
  if (!['auto', 'any', 'tool', 'none'].includes(type)) {
    throw invalid(
      `tool_choice: Input tag '${type}' found using 'type' does not match any of the expected tags: 'auto', 'any', 'tool', 'none'`,
    );
  }
  if (toolCount === 0) throw invalid('tool_choice: may only be specified while providing tools.');
  if (type !== 'tool') return;
  if (typeof choice.name !== 'string') throw invalid('tool_choice.tool.name: Field required');
  if (!names.has(choice.name)) throw invalid(`tool_choice: Tool '${choice.name}' not found in provided tools`);
}
