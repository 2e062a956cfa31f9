import { answerResults } from './batch-results-endpoint';
import { answerBatches } from './batches-endpoint';
import { countTokens } from './count-tokens-endpoint';
import type { Exchange } from './exchange';
import { answerMessage } from './messages-endpoint';
import { answerModels } from './models-endpoint';
import { jsonReply, type Reply } from './reply';
import type { SimulatedApi } from './simulated-api';

/** Hands an exchange to its endpoint. @throws ApiError for every failure that the API has an envelope for */
export function answerExchange(api: SimulatedApi, exchange: Exchange): Reply | Promise<Reply> {
  switch (exchange.endpoint) {
    case 'messages':
      return answerMessage(api, exchange);
    case 'count_tokens':
      return countTokens(api, exchange);
    case 'models':
      return answerModels(api, exchange);
    case 'batch_results':
      return answerResults(api, exchange);
    case 'probe':
      return jsonReply(200, {});
    default:
      return answerBatches(api, exchange);
  }
}
