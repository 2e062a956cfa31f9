import Anthropic from '@anthropic-ai/sdk';

const RETRIES = 4;

/** The official SDK as every agent of every arm has it. What the shell sets for other clients does not count here. */
export function fleetClient(baseURL: string, apiKey: string): Anthropic {
  return new Anthropic({
    baseURL,
    apiKey,
    authToken: null,
    maxRetries: RETRIES,
    defaultHeaders: { 'x-offpeak-retries': String(RETRIES) },
  });
}
