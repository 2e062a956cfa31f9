import { type Config, readProxy } from '@/lib/env';
import { Upstream } from '@/lib/upstream/upstream';
import { StartError } from './start-error';

/** What the simulator is shown as credential: the real one never leaves for a place that does not need it. */
const SIMULATOR_CREDENTIAL = 'simulated-upstream-credential';

export interface ChosenUpstream {
  upstream: Upstream;
  /** Ends the simulator, if it is what was chosen. */
  close(): Promise<void>;
}

export async function chooseUpstream(config: Config): Promise<ChosenUpstream> {
  if (config.upstreamUrl !== 'simulator') {
    const upstream = new Upstream({
      baseUrl: config.upstreamUrl,
      simulated: false,
      credentials: config.upstreamKeys,
      proxy: readProxy(),
    });
    return { upstream, close: () => upstream.close() };
  }
  // Loaded only when used: a real deployment carries none of it.
  const { startSimulator } = await import('@/lib/simulator/start-simulator');
  const simulator = await startSimulator({
    timeScale: config.simTimeScale,
    stateFile: `${config.dataDir}/simulator.jsonl`,
  });
  const names = ['default', ...config.upstreamKeys.keys()];
  const upstream = new Upstream({
    baseUrl: simulator.url,
    simulated: true,
    credentials: new Map(names.map((name) => [name, SIMULATOR_CREDENTIAL])),
  });
  return {
    upstream,
    async close() {
      await upstream.close();
      await simulator.close();
    },
  };
}

/** @throws StartError when the upstream's address is, in plain text, our own. */
export function refuseOwnAddress(config: Config, origin: string): void {
  if (config.upstreamUrl === 'simulator') return;
  const upstream = new URL(config.upstreamUrl);
  const own = new URL(origin);
  const port = (url: URL) => url.port || (url.protocol === 'https:' ? '443' : '80');
  const isLocalName = ['localhost', '127.0.0.1', '[::1]', '0.0.0.0', config.host].includes(upstream.hostname);
  const samePort = port(upstream) === String(config.port) || port(upstream) === port(own);
  if (upstream.origin === own.origin || (isLocalName && samePort)) throw ownUpstream();
}

/**
 * Asks the upstream for a sign of life with a nonce: if the question arrives at our own door, some name or balancer
 * leads back here.
 * @throws StartError then.
 */
export async function refuseLoop(upstream: Upstream, nonce: string, arrived: () => boolean): Promise<void> {
  if (upstream.simulated || upstream.isOfficial) return;
  await new Promise<void>((resolve) => {
    const giveUp = setTimeout(() => call.abort(), 1_500);
    const done = () => {
      clearTimeout(giveUp);
      resolve();
    };
    const call = upstream.call(
      { method: 'HEAD', target: '/api/hello', headers: [['x-offpeak-hop', nonce]], body: null },
      { onHeaders: () => undefined, onData: () => true, onEnd: done, onError: done },
    );
  });
  if (arrived()) throw ownUpstream();
}

function ownUpstream(): StartError {
  return new StartError('OFFPEAK_UPSTREAM_URL leads back to this Offpeak itself; it must name the API behind it.');
}
