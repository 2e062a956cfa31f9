import type { AnswerContext } from './compose-answer';
import { derivedId } from './identifiers';
import { isObject, type JsonObject, objectsIn } from './json-value';
import type { SeededRandom } from './seeded-random';
import type { SimDirectives } from './sim-directives';
import { isServerTool } from './validate-tools';

/** What the API's own tools added to an answer. */
interface ServerToolRun {
  readonly blocks: readonly JsonObject[];
  readonly citations: readonly JsonObject[] | null;
  readonly outputTokens: number;
  readonly webSearches: number;
  readonly webFetches: number;
  readonly container: JsonObject | null;
}

const NOTHING: ServerToolRun = {
  blocks: [],
  citations: null,
  outputTokens: 0,
  webSearches: 0,
  webFetches: 0,
  container: null,
};
const CONTAINER_LIFE_MS = 300_000;
const TOKENS_PER_CALL = 40;

/** Runs the server tools of a request: each once, or web search as often as `[[sim:searches=N]]` says. */
export function runServerTools(
  body: JsonObject,
  directives: SimDirectives,
  random: SeededRandom,
  context: Pick<AnswerContext, 'messageId' | 'nowMs'>,
): ServerToolRun {
  const tools = objectsIn(body.tools);
  const server = tools.filter(isServerTool).map((tool) => String(tool.type));
  if (server.length === 0 || (isObject(body.tool_choice) && body.tool_choice.type === 'none')) return NOTHING;
  // A request that also brings its own tools searches only on demand: agents list web_search with every call.
  const alone = server.length === tools.length;
  const has = (stem: string) => server.some((type) => type.startsWith(stem));
  const searches = has('web_search') ? (directives.searches ?? (alone ? 1 : 0)) : 0;
  const fetches = has('web_fetch') && alone ? 1 : 0;
  const runs = has('code_execution') && alone ? 1 : 0;
  const blocks: JsonObject[] = [];
  for (let index = 0; index < searches; index++) {
    blocks.push(...webSearch(derivedId('srvtoolu', `${context.messageId}|search${index}`), random.integer(100, 999)));
  }
  if (fetches > 0) blocks.push(...webFetch(derivedId('srvtoolu', `${context.messageId}|fetch`)));
  if (runs > 0) blocks.push(...codeExecution(derivedId('srvtoolu', `${context.messageId}|code`)));
  return {
    blocks,
    citations: searches > 0 ? [searchCitation()] : null,
    outputTokens: (searches + fetches + runs) * TOKENS_PER_CALL,
    webSearches: searches,
    webFetches: fetches,
    container:
      runs > 0
        ? {
            id: derivedId('container', context.messageId),
            expires_at: new Date(context.nowMs + CONTAINER_LIFE_MS).toISOString(),
            skills: null,
          }
        : null,
  };
}

const DIRECT = { type: 'direct' };

export function webSearch(id: string, number: number): JsonObject[] {
  return [
    { type: 'server_tool_use', id, name: 'web_search', input: { query: `report ${number}` }, caller: DIRECT },
    {
      type: 'web_search_tool_result',
      tool_use_id: id,
      caller: DIRECT,
      content: [
        {
          type: 'web_search_result',
          title: `Report ${number}`,
          url: 'https://example.com/report',
          encrypted_content: Buffer.from(`simulated ${number}`).toString('base64'),
          page_age: null,
        },
      ],
    },
  ];
}

export function webFetch(id: string): JsonObject[] {
  const url = 'https://example.com/report';
  return [
    { type: 'server_tool_use', id, name: 'web_fetch', input: { url }, caller: DIRECT },
    {
      type: 'web_fetch_tool_result',
      tool_use_id: id,
      caller: DIRECT,
      content: {
        type: 'web_fetch_result',
        url,
        retrieved_at: null,
        content: {
          type: 'document',
          title: 'Report',
          citations: null,
          source: { type: 'text', media_type: 'text/plain', data: 'A simulated page.' },
        },
      },
    },
  ];
}

export function codeExecution(id: string): JsonObject[] {
  return [
    { type: 'server_tool_use', id, name: 'code_execution', input: { code: 'print(1)' }, caller: DIRECT },
    {
      type: 'code_execution_tool_result',
      tool_use_id: id,
      content: { type: 'code_execution_result', stdout: '1\n', stderr: '', return_code: 0, content: [] },
    },
  ];
}

export function searchCitation(): JsonObject {
  return {
    type: 'web_search_result_location',
    cited_text: 'A simulated finding.',
    encrypted_index: 'c2ltdWxhdGVk',
    title: 'Report',
    url: 'https://example.com/report',
  };
}

/** Citations of the first document that asks for them, `null` when none does (Citations page). */
export function citationsFor(body: JsonObject): JsonObject[] | null {
  let index = 0;
  for (const message of objectsIn(body.messages)) {
    for (const block of objectsIn(message.content)) {
      if (block.type !== 'document') continue;
      if (isObject(block.citations) && block.citations.enabled === true) return [documentCitation(block, index)];
      index += 1;
    }
  }
  return null;
}

function documentCitation(block: JsonObject, index: number): JsonObject {
  const source = isObject(block.source) ? block.source : {};
  const head = { document_index: index, document_title: block.title ?? null, file_id: null };
  if (source.type === 'content') {
    const cited = 'A simulated passage.';
    return { type: 'content_block_location', cited_text: cited, ...head, start_block_index: 0, end_block_index: 1 };
  }
  if (source.type === 'text' && typeof source.data === 'string') {
    const cited = source.data.slice(0, 40);
    return {
      type: 'char_location',
      cited_text: cited,
      ...head,
      start_char_index: 0,
      end_char_index: cited.length,
    };
  }
  const cited = 'A simulated passage.';
  return { type: 'page_location', cited_text: cited, ...head, start_page_number: 1, end_page_number: 2 };
}
