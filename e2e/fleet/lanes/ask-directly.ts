import type Anthropic from '@anthropic-ai/sdk';
import type { Ask } from './ask';

/** Calls as the official SDK makes them: to the API itself or to Offpeak, as the client's base URL says. */
export function askDirectly(client: Anthropic): Ask {
  return async ({ params, headers, stream }, signal) => {
    if (!stream) {
      const { data: message, response } = await client.messages.create(params, { headers, signal }).withResponse();
      return { message, firstMs: null, lane: response.headers.get('x-offpeak-lane') };
    }
    const startedAt = performance.now();
    let firstMs: number | null = null;
    const events = client.messages.stream(params, { headers, signal });
    events.once('streamEvent', () => {
      firstMs = performance.now() - startedAt;
    });
    const { response } = await events.withResponse();
    const message = await events.finalMessage();
    return { message, firstMs, lane: response.headers.get('x-offpeak-lane') };
  };
}
