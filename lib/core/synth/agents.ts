import type { Agent, Client } from '@/lib/core/request-states';

/** One kind of caller: who it is, what it asks for and how its calls are sent. */
export interface AgentKind {
  weight: number;
  /** Name of its key. */
  key: string;
  client: Client;
  agent: Agent;
  rule: string;
  models: readonly [ModelShare, ...ModelShare[]];
  /** Values of each tag, one of which a call has. */
  tags: Readonly<Record<string, readonly [string, ...string[]]>>;
  /** ms; `null`: it says nothing. */
  toleranceMs: number | null;
  /** Of its calls, those that are sent to batch, and of all, those that stream. */
  batchShare: number;
  streamShare: number;
  /** Medians. */
  inputTokens: number;
  outputTokens: number;
  /** Of the prompt, what is read from cache when a call is cached at all. */
  cachedShare: number;
}

interface ModelShare {
  model: string;
  weight: number;
}

const of = (model: string, weight = 1): ModelShare => ({ model, weight });
const OPUS = 'claude-opus-5-5';
const SONNET = 'claude-sonnet-5-5';
const HAIKU = 'claude-haiku-5-5';
const OLD = 'claude-sonnet-4-6';

const INTERACTIVE = { toleranceMs: 0, batchShare: 0, rule: 'default' } as const;
const SDK = { client: 'sdk-ts', agent: 'none' } as const;

/** A plausible fleet. */
export const FLEET: readonly [AgentKind, ...AgentKind[]] = [
  {
    ...INTERACTIVE,
    weight: 22,
    key: 'synth-developers',
    client: 'claude-code',
    agent: 'main',
    models: [of(OPUS, 2), of(SONNET, 3)],
    tags: { team: ['platform', 'search', 'billing'], env: ['laptop'] },
    streamShare: 1,
    inputTokens: 24_000,
    outputTokens: 420,
    cachedShare: 0.9,
  },
  {
    weight: 14,
    key: 'synth-developers',
    client: 'claude-code',
    agent: 'subagent',
    rule: 'subagents',
    models: [of(HAIKU, 3), of(SONNET)],
    tags: { team: ['platform', 'search', 'billing'], env: ['laptop'] },
    toleranceMs: 120_000,
    batchShare: 0.15,
    streamShare: 1,
    inputTokens: 9_000,
    outputTokens: 260,
    cachedShare: 0.7,
  },
  {
    ...INTERACTIVE,
    ...SDK,
    weight: 20,
    key: 'synth-support',
    models: [of(SONNET, 4), of(OLD)],
    tags: { team: ['support'], env: ['production'], tier: ['free', 'pro', 'enterprise'] },
    streamShare: 0.9,
    inputTokens: 2_600,
    outputTokens: 340,
    cachedShare: 0.5,
  },
  {
    weight: 18,
    key: 'synth-evals',
    client: 'sdk-python',
    agent: 'none',
    rule: 'evals',
    models: [of(OPUS), of(SONNET, 2), of(HAIKU, 2)],
    tags: { team: ['research'], job: ['evals', 'regression'], env: ['ci'] },
    toleranceMs: 4 * 3_600_000,
    batchShare: 1,
    streamShare: 0,
    inputTokens: 1_900,
    outputTokens: 700,
    cachedShare: 0,
  },
  {
    ...SDK,
    weight: 16,
    key: 'synth-nightly',
    rule: 'patient',
    models: [of(HAIKU, 5), of(SONNET)],
    tags: { team: ['data'], job: ['extract', 'classify', 'summarise'], env: ['production'] },
    toleranceMs: 1_800_000,
    batchShare: 0.8,
    streamShare: 0.1,
    inputTokens: 5_200,
    outputTokens: 180,
    cachedShare: 0.3,
  },
  {
    weight: 10,
    key: 'synth-research',
    client: 'sdk-python',
    agent: 'none',
    rule: 'patient',
    models: [of(OPUS), of(SONNET)],
    tags: { team: ['research'], job: ['agents'], env: ['laptop', 'ci'] },
    toleranceMs: 600_000,
    batchShare: 0.5,
    streamShare: 0.4,
    inputTokens: 14_000,
    outputTokens: 900,
    cachedShare: 0.8,
  },
];

/** Medians of what upstream needs: ms to the first token, tokens a second after it, ms for a batch. */
export const SPEED: Readonly<Record<string, { firstMs: number; tokensPerSecond: number; batchMs: number }>> = {
  [OPUS]: { firstMs: 1_500, tokensPerSecond: 55, batchMs: 420_000 },
  [SONNET]: { firstMs: 900, tokensPerSecond: 75, batchMs: 240_000 },
  [OLD]: { firstMs: 1_000, tokensPerSecond: 70, batchMs: 300_000 },
  [HAIKU]: { firstMs: 450, tokensPerSecond: 140, batchMs: 130_000 },
};
/** A model that no price row knows. */
export const UNKNOWN_MODEL = 'claude-preview-unpriced';
export const USUAL_SPEED = { firstMs: 900, tokensPerSecond: 75, batchMs: 240_000 };
