import type Anthropic from '@anthropic-ai/sdk';
import { clientOf } from '@/e2e/browser/client-of';
import type { Offpeak } from '@/e2e/process/start-offpeak';
import { SeededRandom } from '@/lib/simulator/seeded-random';

interface Agent {
  client: Anthropic;
  model: string;
  /** Calls of a usual wave. */
  calls: number;
  promptChars: number;
  outputTokens: number;
}

const TEAMS = [
  {
    key: 'search-agents',
    tags: 'team=search',
    model: 'claude-sonnet-5-5',
    calls: 22,
    promptChars: 9_000,
    outputTokens: 420,
  },
  {
    key: 'support-bot',
    tags: 'team=support',
    model: 'claude-haiku-5-5',
    calls: 26,
    promptChars: 5_000,
    outputTokens: 260,
  },
  {
    key: 'code-review',
    tags: 'team=platform,job=review',
    model: 'claude-opus-5-5',
    calls: 10,
    promptChars: 14_000,
    outputTokens: 900,
  },
  {
    key: 'nightly-evals',
    tags: 'team=evals,job=nightly',
    model: 'claude-sonnet-5',
    calls: 11,
    promptChars: 6_000,
    outputTokens: 600,
  },
];
const SENTENCE = 'The order was placed on Monday and has not arrived yet. ';

/** A small company's agents: four teams, each with a key and a model of its own. */
export class Fleet {
  readonly #random = new SeededRandom(7, 'screenshots');

  private constructor(private readonly agents: readonly Agent[]) {}

  static async of({ api, origin }: Offpeak): Promise<Fleet> {
    const agents: Agent[] = [];
    for (const { key: name, tags, ...agent } of TEAMS) {
      const key = await api.createKey({ name });
      const client = clientOf(origin, key.secret, { 'x-offpeak-tags': tags });
      agents.push({ ...agent, client });
    }
    return new Fleet(agents);
  }

  /** A wave of calls; `load` is 1 for a usual one. Some calls fail, as some always do. */
  async wave(load: number): Promise<void> {
    await Promise.all(
      this.agents.flatMap((agent) => {
        const count = Math.round(agent.calls * load * this.#random.between(0.8, 1.2));
        return Array.from({ length: count }, () => this.#call(agent));
      }),
    );
  }

  async #call({ client, model, promptChars, outputTokens }: Agent): Promise<void> {
    const size = Math.round((promptChars * this.#random.between(0.3, 1.7)) / SENTENCE.length);
    const output = Math.round(outputTokens * this.#random.between(0.4, 1.8));
    const order = this.#random.between(0, 1) < 0.012 ? '[[sim:error=overloaded_error]]' : `[[sim:output=${output}]]`;
    const content = `${this.#random.between(0, 1)} ${SENTENCE.repeat(size)} ${order}`;
    const call = client.messages.create({ model, max_tokens: 4_000, messages: [{ role: 'user', content }] });
    // An agent lives with a refused call; so does the picture.
    await call.catch(() => undefined);
  }
}
