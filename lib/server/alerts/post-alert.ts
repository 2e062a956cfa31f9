import { Agent, type Dispatcher, EnvHttpProxyAgent, request } from 'undici';

export type PostAlert = (message: { text: string }) => Promise<void>;

const TIMEOUT_MS = 10_000;

/**
 * Posts JSON to a webhook. Whoever knows its address can post there, too: it is in no error.
 * @throws Error without the address, when it was not accepted with a 2xx.
 */
export function alertPoster(
  url: string,
  proxy: { httpsProxy: string; noProxy: string } | null,
): { post: PostAlert; close(): Promise<void> } {
  const dispatcher: Dispatcher =
    proxy && url.startsWith('https:') ? new EnvHttpProxyAgent(proxy) : new Agent({ connect: { timeout: TIMEOUT_MS } });
  return {
    async post(message) {
      const answer = await request(url, {
        dispatcher,
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(message),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      }).catch((cause: NodeJS.ErrnoException) => {
        throw new Error(`the webhook could not be reached (${cause.code ?? cause.name})`);
      });
      await answer.body.dump();
      if (answer.statusCode >= 300) throw new Error(`the webhook answered ${answer.statusCode}`);
    },
    close: () => dispatcher.close(),
  };
}
