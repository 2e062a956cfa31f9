import { invalid } from './api-error';
import { hasBeta } from './check-betas';
import { isObject, type JsonObject } from './json-value';
import { type CatalogModel, takesForcedTools, thinkingTypes } from './model-catalog';
import type { ValidationContext } from './validation-context';

const EFFORTS: readonly unknown[] = ['low', 'medium', 'high', 'xhigh', 'max'];

/** Rules that differ between models (Messages API, request body). @throws ApiError 400 */
export function checkModelRules(body: JsonObject, model: CatalogModel, context: ValidationContext): void {
  checkMaxTokens(body, model, context);
  checkSampling(body, model);
  checkThinking(body, model);
  checkOutputConfig(body, context);
  const choice = isObject(body.tool_choice) ? body.tool_choice.type : undefined;
  if ((choice === 'any' || choice === 'tool') && !takesForcedTools(model)) {
    throw invalid(`tool_choice: forcing tool use is not supported for ${model.id}`);
  }
  checkSpeed(body.speed, model);
  const geo = body.inference_geo;
  if (geo !== undefined && model.version <= 4.5) throw invalid(`inference_geo: not supported for ${model.id}`);
  if (geo !== undefined && geo !== null && geo !== 'global' && geo !== 'us') {
    throw invalid("inference_geo: Input should be 'global' or 'us'");
  }
}

function checkMaxTokens(body: JsonObject, model: CatalogModel, { lane, betas }: ValidationContext): void {
  const long = lane === 'batch' && model.output300k && hasBeta(betas, 'output-300k');
  const most = long ? 300_000 : model.maxOutput;
  const asked = Number(body.max_tokens);
  if (asked > most) {
    throw invalid(
      `max_tokens: ${asked} > ${most}, which is the maximum allowed number of output tokens for ${model.id}`,
    );
  }
}

/** Models after Opus 4.6 only take the defaults. */
function checkSampling(body: JsonObject, model: CatalogModel): void {
  const { temperature, top_p: topP, top_k: topK } = body;
  if (temperature === undefined && topP === undefined && topK === undefined) return;
  for (const [field, value] of Object.entries({ temperature, top_p: topP, top_k: topK })) {
    if (value !== undefined && value !== null && typeof value !== 'number') {
      throw invalid(`${field}: Input should be a valid number`);
    }
  }
  if (typeof temperature === 'number' && (temperature < 0 || temperature > 1)) {
    throw invalid(`temperature: range: 0..1`);
  }
  if (model.version <= 4.6) return;
  if (typeof temperature === 'number' && temperature !== 1) {
    throw invalid(`temperature: may only be set to 1 for ${model.id}`);
  }
  if (typeof topP === 'number' && topP < 0.99) throw invalid(`top_p: must be at least 0.99 for ${model.id}`);
  if (topK !== undefined && topK !== null) throw invalid(`top_k: not supported for ${model.id}`);
}

function checkThinking(body: JsonObject, model: CatalogModel): void {
  const { thinking } = body;
  if (thinking === undefined || thinking === null) return;
  if (!isObject(thinking)) throw invalid('thinking: Input should be a valid dictionary');
  const type = String(thinking.type);
  if (!['enabled', 'adaptive', 'between_tools', 'disabled'].includes(type)) {
    throw invalid(
      `thinking: Input tag '${type}' found using 'type' does not match any of the expected tags: 'adaptive', 'between_tools', 'disabled', 'enabled'`,
    );
  }
  if (!thinkingTypes(model).has(type)) throw invalid(`thinking.type: "${type}" is not supported for ${model.id}`);
  const { display } = thinking;
  if (display !== undefined && display !== null && display !== 'summarized' && display !== 'omitted') {
    throw invalid(`thinking.${type}.display: Input should be 'summarized' or 'omitted'`);
  }
  if (type !== 'enabled') return;
  const budget = thinking.budget_tokens;
  if (budget === undefined) throw invalid('thinking.enabled.budget_tokens: Field required');
  if (typeof budget !== 'number' || !Number.isInteger(budget)) {
    throw invalid('thinking.enabled.budget_tokens: Input should be a valid integer');
  }
  if (budget < 1024) throw invalid('thinking.enabled.budget_tokens: Input should be greater than or equal to 1024');
  if (budget >= Number(body.max_tokens)) throw invalid('`max_tokens` must be greater than `thinking.budget_tokens`.');
  if (typeof body.temperature === 'number' && body.temperature !== 1) {
    throw invalid('`temperature` may only be set to 1 when thinking is enabled.');
  }
}

function checkOutputConfig(body: JsonObject, { betas }: ValidationContext): void {
  const config = body.output_config;
  if (config === undefined || config === null) return;
  if (!isObject(config)) throw invalid('output_config: Input should be a valid dictionary');
  for (const field of Object.keys(config)) {
    const known =
      field === 'effort' || field === 'format' || (field === 'task_budget' && hasBeta(betas, 'task-budgets'));
    if (!known) throw invalid(`output_config.${field}: Extra inputs are not permitted`);
  }
  if (config.effort !== undefined && config.effort !== null && !EFFORTS.includes(config.effort)) {
    throw invalid("output_config.effort: Input should be 'low', 'medium', 'high', 'xhigh' or 'max'");
  }
  const { format } = config;
  if (format === undefined || format === null) return;
  if (!isObject(format) || format.type !== 'json_schema') {
    throw invalid("output_config.format.type: Input should be 'json_schema'");
  }
  if (!isObject(format.schema)) throw invalid('output_config.format.schema: Field required');
}

function checkSpeed(speed: unknown, model: CatalogModel): void {
  if (speed === undefined || speed === null || speed === 'standard') return;
  if (speed !== 'fast') throw invalid("speed: Input should be 'standard' or 'fast'");
  if (!model.fast) throw invalid(`speed: fast mode is not supported for ${model.id}`);
}
