import Anthropic from '@anthropic-ai/sdk';
import { CLIENT_KEY, type Gateway, type GatewayOptions, startGateway, UPSTREAM_KEY } from '@/e2e/process/start-gateway';
import { type Simulator, type SimulatorOptions, startSimulator } from '@/lib/simulator/start-simulator';

/** The same API twice, down to the ids it gives: once as it is, once behind Offpeak. */
export interface Twins {
  directApi: Simulator;
  /** What Offpeak talks to. */
  hiddenApi: Simulator;
  gateway: Gateway;
  direct: Anthropic;
  proxied: Anthropic;
  close(): Promise<void>;
}

export async function startTwins(
  simulated: SimulatorOptions = {},
  options: Omit<GatewayOptions, 'upstreamUrl'> = {},
): Promise<Twins> {
  const same = { seed: 7, idNonce: 'twins', sync: { instant: true }, turnaround: { fixedMs: 1 }, ...simulated };
  const [directApi, hiddenApi] = await Promise.all([startSimulator(same), startSimulator(same)]);
  const gateway = await startGateway({ upstreamUrl: hiddenApi.url, ...options });
  return {
    directApi,
    hiddenApi,
    gateway,
    direct: new Anthropic({ apiKey: UPSTREAM_KEY, baseURL: directApi.url, maxRetries: 0 }),
    proxied: new Anthropic({ apiKey: CLIENT_KEY, baseURL: gateway.origin, maxRetries: 0 }),
    async close() {
      await gateway.close();
      await Promise.all([directApi.close(), hiddenApi.close()]);
    },
  };
}

/** Of one connection, or of the clock: they say nothing about the answer. */
const CONNECTION_LEVEL = new Set(['date', 'connection', 'keep-alive', 'transfer-encoding']);

/** An answer's headers without those of its connection, times reading the same; Offpeak's own apart. */
export function answerHeaders(headers: Headers): { api: [string, string][]; offpeak: Record<string, string> } {
  const all = withoutTimes([...headers].filter(([name]) => !CONNECTION_LEVEL.has(name)));
  return {
    api: all.filter(([name]) => !name.startsWith('x-offpeak-')),
    offpeak: Object.fromEntries(all.filter(([name]) => name.startsWith('x-offpeak-'))),
  };
}

/** A copy in which every time of day reads the same: the twins are called one after the other. */
export function withoutTimes<T>(value: T): T {
  return JSON.parse(
    JSON.stringify(value).replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)/g, '<time>'),
  ) as T;
}
