import Anthropic, { type ClientOptions } from '@anthropic-ai/sdk';
import { CLIENT_KEY, type Gateway, startGateway } from '@/e2e/process/start-gateway';
import type { Clock } from '@/lib/core/clock';
import type { ActionDocument, PolicyDocument } from '@/lib/core/policy/document';
import type { HoldPace } from '@/lib/gateway/hold-pace';
import type { Pacing } from '@/lib/lane/pacing';
import { type Simulator, startSimulator } from '@/lib/simulator/start-simulator';
import { currentPolicy, publishPolicy } from '@/lib/store/policies';

/** A gateway whose batch lane runs in this process, in front of a simulator whose batches end when the test says so. */
export interface LaneFleet {
  gateway: Gateway;
  simulator: Simulator;
  client(options?: Partial<ClientOptions>): Anthropic;
  publish(document: PolicyDocument | { default: ActionDocument }): Promise<void>;
  /** Ends every batch that upstream works on. */
  finishAll(): void;
  close(): Promise<void>;
}

/** As fast as the clock allows: nothing in a test waits for seconds. */
const QUICK: Partial<Pacing> = {
  densestPollMs: 50,
  sparsestPollMs: 100,
  collectAgainMs: [20, 100],
  escalateAgainMs: [20, 100],
};

export async function startLaneFleet(
  options: {
    pacing?: Partial<Pacing>;
    hold?: Partial<HoldPace>;
    env?: Record<string, string>;
    faultyDatabase?: boolean;
    clock?: Clock;
  } = {},
): Promise<LaneFleet> {
  const simulator = await startSimulator({ quiet: true, sync: { instant: true } });
  const gateway = await startGateway({
    upstreamUrl: simulator.url,
    lane: { ...QUICK, ...options.pacing },
    hold: { pollMs: 50, sweepMs: 20, ...options.hold },
    ...(options.env && { env: options.env }),
    ...(options.faultyDatabase && { faultyDatabase: true }),
    ...(options.clock && { clock: options.clock }),
  });
  const { deps } = gateway;
  return {
    gateway,
    simulator,
    client: (over) => new Anthropic({ baseURL: gateway.origin, apiKey: CLIENT_KEY, maxRetries: 0, ...over }),
    async publish(document) {
      const db = deps.pools.admin;
      const { version } = await currentPolicy(db);
      const draft = { document: { rules: [], ...document }, note: null, author: 'test', baseVersion: version };
      if ((await publishPolicy(db, draft)) === 'stale') throw new Error('another policy was published meanwhile');
      await deps.announce('policy');
    },
    finishAll() {
      for (const batch of simulator.batches()) if (batch.processing_status !== 'ended') simulator.finishBatch(batch.id);
    },
    async close() {
      await gateway.close();
      await simulator.close();
    },
  };
}

/** A small call that is like no other of this run, unless it is given the same word. */
export function ask(word: string, over: Partial<Anthropic.MessageCreateParamsNonStreaming> = {}) {
  return {
    model: 'claude-sonnet-5-5',
    max_tokens: 200,
    messages: [{ role: 'user' as const, content: `Say ${word}` }],
    ...over,
  };
}

/** Items of every batch that upstream was sent. */
export function upstreamItems({ simulator }: LaneFleet): number {
  return simulator.batches().reduce((sum, { request_counts: counts }) => {
    return sum + Object.values(counts).reduce((total, count) => total + count, 0);
  }, 0);
}
