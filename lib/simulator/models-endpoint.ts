import { ApiError, invalid } from './api-error';
import type { Exchange } from './exchange';
import { type CatalogModel, findModel, MODEL_CATALOG, thinkingTypes } from './model-catalog';
import { readPage } from './page-query';
import { jsonReply, type Reply } from './reply';
import type { SimulatedApi } from './simulated-api';

/** `GET /v1/models` and `GET /v1/models/{id}` (Models API). @throws ApiError */
export function answerModels(api: SimulatedApi, exchange: Exchange): Reply {
  const nowMs = api.clock.now();
  if (exchange.pathId !== '') {
    const model = findModel(exchange.pathId);
    if (model === undefined) throw new ApiError('not_found_error', `model: ${exchange.pathId}`);
    return jsonReply(200, modelInfo(model, nowMs));
  }
  const page = readPage(exchange.query);
  const lifecycles = exchange.query.getAll('lifecycle[]').concat(exchange.query.getAll('lifecycle'));
  const models = MODEL_CATALOG.map((model) => modelInfo(model, nowMs)).filter(
    (info) => lifecycles.length === 0 || lifecycles.includes(info.lifecycle),
  );
  const cursor = page.afterId ?? page.beforeId;
  const at = cursor === null ? -1 : models.findIndex((info) => info.id === cursor);
  if (cursor !== null && at < 0) throw invalid(`${page.afterId === null ? 'before_id' : 'after_id'}: Invalid cursor`);
  const backwards = cursor !== null && page.afterId === null;
  const rest = backwards ? models.slice(0, at) : models.slice(at + 1);
  const data = backwards ? rest.slice(-page.limit) : rest.slice(0, page.limit);
  return jsonReply(200, {
    data,
    has_more: rest.length > data.length,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
  });
}

function modelInfo(model: CatalogModel, nowMs: number) {
  const yes = { supported: true };
  const types = thinkingTypes(model);
  const retired = model.retiresAt !== null && Date.parse(model.retiresAt) <= nowMs;
  const lifecycle = model.retiresAt === null ? 'active' : retired ? 'retired' : 'deprecated';
  return {
    id: model.id,
    type: 'model',
    display_name: model.displayName,
    created_at: model.createdAt,
    line: model.line,
    lifecycle,
    deprecated_at: model.retiresAt === null ? null : '2026-08-31T00:00:00Z',
    retires_at: model.retiresAt,
    max_input_tokens: model.contextWindow,
    max_tokens: model.maxOutput,
    capabilities: {
      batch: yes,
      citations: yes,
      code_execution: yes,
      context_management: {
        supported: true,
        clear_thinking_20251015: yes,
        clear_tool_uses_20250919: yes,
        compact_20260112: { supported: model.version >= 4.6 },
      },
      effort: {
        supported: model.version >= 4.6,
        low: { supported: model.version >= 4.6 },
        medium: { supported: model.version >= 4.6 },
        high: { supported: model.version >= 4.6 },
        xhigh: { supported: model.version >= 4.7 },
        max: { supported: model.version >= 4.6 },
      },
      image_input: yes,
      pdf_input: yes,
      server_tools: { supported: true, web_search: yes, code_execution: yes },
      structured_outputs: yes,
      thinking: {
        supported: true,
        types: {
          adaptive: { supported: types.has('adaptive') },
          between_tools: { supported: types.has('between_tools') },
          disabled: { supported: types.has('disabled') },
          enabled: { supported: types.has('enabled') },
        },
      },
    },
  } as const;
}
