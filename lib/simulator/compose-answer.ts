import { everyBlock } from './every-block';
import { fillerText } from './filler-text';
import { isObject, type JsonObject, objectsIn } from './json-value';
import type { CatalogModel } from './model-catalog';
import { sampleSchema } from './sample-schema';
import { hash53, SeededRandom } from './seeded-random';
import { citationsFor, runServerTools } from './server-tool-turn';
import { readDirectives, type SimDirectives } from './sim-directives';
import { signThinking } from './thinking-signature';
import { textTokens } from './token-estimate';
import { type ToolTurn, toolTurn } from './tool-turn';

/** What the simulated model says, before it is billed. */
export interface Answer {
  readonly content: readonly JsonObject[];
  readonly stopReason: string;
  readonly stopSequence: string | null;
  readonly stopDetails: JsonObject | null;
  /** All output, thinking included. */
  readonly outputTokens: number;
  readonly thinkingTokens: number;
  readonly webSearches: number;
  readonly webFetches: number;
  readonly container: JsonObject | null;
}

/** What an answer depends on besides the request. */
export interface AnswerContext {
  readonly seed: number;
  readonly organization: string;
  readonly model: CatalogModel;
  readonly promptTokens: number;
  /** Makes block ids unique; the message's own id. */
  readonly messageId: string;
  readonly nowMs: number;
}

/** Median length of an answer; drawn wide, like real ones. */
const MEDIAN_OUTPUT_TOKENS = 180;

/** Answers a validated request. Equal requests get equal texts, whatever else is running. */
export function composeAnswer(body: JsonObject, context: AnswerContext): Answer {
  const directives = readDirectives(body);
  const random = new SeededRandom(context.seed, `answer|${requestKey(body, context)}`);
  const maxTokens = Number(body.max_tokens);
  const thinking = think(body, directives, context, random);
  const thinkingTokens = Math.min(thinking?.tokens ?? 0, maxTokens);
  const room = maxTokens - thinkingTokens;
  const base = {
    stopSequence: null,
    stopDetails: null,
    thinkingTokens,
    webSearches: 0,
    webFetches: 0,
    container: null,
  };
  const before = thinking === null ? [] : [thinking.block];
  if (maxTokens === 0) return { ...base, content: [], stopReason: 'max_tokens', outputTokens: 0 };
  if (room <= 0) return { ...base, content: before, stopReason: 'max_tokens', outputTokens: thinkingTokens };
  if (directives.blocks === 'all') return { ...base, ...everyBlock(context, thinkingTokens, before, room) };

  const turn = toolTurn(body, directives, random, context.messageId);
  if (turn !== null) return { ...base, ...answerWithTools(turn, before, thinkingTokens, room, context, random) };
  const served = runServerTools(body, directives, random, context);
  const text = answerText(body, directives, context.model, random, room);
  const citations = served.citations ?? citationsFor(body);
  const textBlock = { type: 'text', text: text.text, citations };
  return {
    ...base,
    ...stopOf(directives, text),
    content: [...before, ...served.blocks, textBlock],
    outputTokens: thinkingTokens + Math.min(text.tokens + served.outputTokens, room),
    webSearches: served.webSearches,
    webFetches: served.webFetches,
    container: served.container,
  };
}

/** What distinguishes requests: cheap to take even from a large one, and equal for stream and JSON. */
function requestKey(body: JsonObject, context: AnswerContext): string {
  const last = Array.isArray(body.messages) ? body.messages.at(-1) : null;
  // Ids differ from run to run and breakpoints move; neither changes what is asked.
  const text =
    isObject(last) && typeof last.content === 'string'
      ? last.content
      : JSON.stringify(last, (key, value) => (key === 'tool_use_id' || key === 'cache_control' ? undefined : value));
  return `${context.model.id}|${body.max_tokens}|${context.promptTokens}|${hash53(text)}`;
}

function think(body: JsonObject, directives: SimDirectives, context: AnswerContext, random: SeededRandom) {
  const config = isObject(body.thinking) ? body.thinking : null;
  const type = config?.type;
  if (config === null || type === 'disabled') return null;
  const last = Array.isArray(body.messages) ? body.messages.at(-1) : null;
  const afterTool = isObject(last) && objectsIn(last.content).some((block) => block.type === 'tool_result');
  if (type === 'between_tools' && !afterTool) return null;
  const budget = typeof config.budget_tokens === 'number' ? config.budget_tokens : 16_000;
  const tokens = Math.min(directives.thinking ?? Math.round(random.lognormal(240, 0.7)), budget);
  const text = fillerText(charsOf(tokens, context.model), random);
  const signature = signThinking(context.seed, context.organization, context.model, text);
  return { tokens, block: { type: 'thinking', thinking: config.display === 'omitted' ? '' : text, signature } };
}

interface AnswerText {
  readonly text: string;
  readonly tokens: number;
  readonly stopSequence: string | null;
  readonly cut: boolean;
}

function answerText(
  body: JsonObject,
  directives: SimDirectives,
  model: CatalogModel,
  random: SeededRandom,
  room: number,
): AnswerText {
  let text = wantedText(body, directives, random);
  let tokens: number;
  if (text === null) {
    tokens = directives.output ?? Math.max(4, Math.round(random.lognormal(MEDIAN_OUTPUT_TOKENS, 0.8)));
    text = fillerText(charsOf(Math.min(tokens, room), model), random);
  } else {
    tokens = directives.output ?? Math.max(1, textTokens(text, model));
    if (tokens > room) text = text.slice(0, charsOf(room, model));
  }
  const stop = firstStop(body.stop_sequences, text);
  if (stop !== null) {
    const kept = text.slice(0, stop.at);
    return { text: kept, tokens: Math.max(1, textTokens(kept, model)), stopSequence: stop.sequence, cut: false };
  }
  return { text, tokens: Math.min(tokens, room), stopSequence: null, cut: tokens > room };
}

function wantedText(body: JsonObject, directives: SimDirectives, random: SeededRandom): string | null {
  if (directives.text !== undefined) return directives.text;
  const format = isObject(body.output_config) && isObject(body.output_config.format) ? body.output_config.format : null;
  return format === null ? null : JSON.stringify(sampleSchema(format.schema, random));
}

function firstStop(sequences: unknown, text: string): { at: number; sequence: string } | null {
  let first: { at: number; sequence: string } | null = null;
  for (const sequence of Array.isArray(sequences) ? sequences.map(String) : []) {
    const at = text.indexOf(sequence);
    if (at >= 0 && (first === null || at < first.at)) first = { at, sequence };
  }
  return first;
}

function stopOf(directives: SimDirectives, text: AnswerText) {
  if (directives.stop === 'refusal') {
    return {
      stopReason: 'refusal',
      stopSequence: null,
      stopDetails: { type: 'refusal', category: null, explanation: null },
    };
  }
  const reason = text.stopSequence !== null ? 'stop_sequence' : text.cut ? 'max_tokens' : 'end_turn';
  return { stopReason: directives.stop ?? reason, stopSequence: text.stopSequence, stopDetails: null };
}

function answerWithTools(
  turn: ToolTurn,
  before: readonly JsonObject[],
  thinkingTokens: number,
  room: number,
  context: AnswerContext,
  random: SeededRandom,
) {
  const lead = turn.forced ? '' : fillerText(60, random).trimEnd();
  const blocks: JsonObject[] = lead === '' ? [] : [{ type: 'text', text: lead, citations: null }];
  const tokens = textTokens(lead, context.model) + textTokens(JSON.stringify(turn.calls), context.model);
  const fits = tokens <= room;
  return {
    content: [...before, ...blocks, ...turn.calls],
    stopReason: fits ? 'tool_use' : 'max_tokens',
    outputTokens: thinkingTokens + Math.min(tokens, room),
  };
}

/** Characters of filler that the estimator counts as `tokens`. */
function charsOf(tokens: number, model: CatalogModel): number {
  return model.version >= 4.7 ? Math.floor((tokens * 40) / 13) : tokens * 4;
}
