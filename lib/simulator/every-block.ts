import type { AnswerContext } from './compose-answer';
import { derivedId } from './identifiers';
import type { JsonObject } from './json-value';
import { codeExecution, searchCitation, webFetch, webSearch } from './server-tool-turn';

/** The answer to `[[sim:blocks=all]]`: every kind of block that a response can hold (Messages API, content blocks). */
export function everyBlock(
  context: AnswerContext,
  thinkingTokens: number,
  before: readonly JsonObject[],
  room: number,
) {
  const id = (name: string) => derivedId('srvtoolu', `${context.messageId}|${name}`);
  const [fetchUse, fetchResult] = webFetch(id('fetch'));
  const content: JsonObject[] = [
    ...before,
    { type: 'redacted_thinking', data: 'c2ltdWxhdGVkIHJlZGFjdGVkIHRoaW5raW5n' },
    { type: 'text', text: 'Every block, “with” ünïcode 🌒.', citations: null },
    ...webSearch(id('search'), 1),
    { type: 'text', text: 'A cited claim.', citations: [searchCitation(), pageCitation()] },
    ...(fetchUse && fetchResult ? [fetchUse, fetchResult] : []),
    ...codeExecution(id('code')),
    use(id('bash'), 'bash_code_execution', { command: 'ls' }),
    {
      type: 'bash_code_execution_tool_result',
      tool_use_id: id('bash'),
      content: { type: 'bash_code_execution_result', stdout: 'a\n', stderr: '', return_code: 0, content: [] },
    },
    use(id('edit'), 'text_editor_code_execution', { command: 'view', path: 'a' }),
    {
      type: 'text_editor_code_execution_tool_result',
      tool_use_id: id('edit'),
      content: {
        type: 'text_editor_code_execution_view_result',
        file_type: 'text',
        content: 'a',
        num_lines: 1,
        start_line: 1,
        total_lines: 1,
      },
    },
    use(id('find'), 'tool_search_tool_regex', { query: 'get_.*' }),
    {
      type: 'tool_search_tool_result',
      tool_use_id: id('find'),
      content: {
        type: 'tool_search_tool_search_result',
        tool_references: [{ type: 'tool_reference', tool_name: 'get_weather' }],
      },
    },
    { type: 'container_upload', file_id: derivedId('file', context.messageId) },
    toolUse(context, 'empty', {}),
    toolUse(context, 'full', { location: 'San José', nested: { list: [1, 2.5, null, true], quote: '"\\\n' } }),
  ];
  return {
    content,
    stopReason: 'tool_use',
    outputTokens: thinkingTokens + Math.min(400, room),
    webSearches: 1,
    webFetches: 1,
    container: {
      id: derivedId('container', context.messageId),
      expires_at: new Date(context.nowMs + 300_000).toISOString(),
      skills: null,
    },
  };
}

function use(id: string, name: string, input: JsonObject): JsonObject {
  return { type: 'server_tool_use', id, name, input, caller: { type: 'direct' } };
}

function toolUse(context: AnswerContext, name: string, input: JsonObject): JsonObject {
  const id = derivedId('toolu', `${context.messageId}|${name}`);
  return { type: 'tool_use', id, name: 'get_weather', input, caller: { type: 'direct' } };
}

function pageCitation(): JsonObject {
  return {
    type: 'page_location',
    cited_text: 'A simulated passage.',
    document_index: 0,
    document_title: null,
    file_id: null,
    start_page_number: 1,
    end_page_number: 2,
  };
}
