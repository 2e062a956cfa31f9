import Anthropic from '@anthropic-ai/sdk';

/** The official SDK pointed at Offpeak, as an agent would have it. */
export function clientOf(baseURL: string, apiKey: string, headers: Record<string, string> = {}): Anthropic {
  return new Anthropic({ baseURL, apiKey, maxRetries: 0, defaultHeaders: headers });
}
