/** What the simulator knows about one model (Models API, model pages). */
export interface CatalogModel {
  readonly id: string;
  readonly aliases: readonly string[];
  readonly displayName: string;
  readonly line: 'opus' | 'sonnet' | 'haiku' | 'fable' | 'mythos';
  /** 5.5 → 5.5; orders models within the rules below. */
  readonly version: number;
  readonly createdAt: string;
  readonly contextWindow: number;
  readonly maxOutput: number;
  readonly minCacheableTokens: number;
  readonly output300k: boolean;
  readonly fast: boolean;
  readonly retiresAt: string | null;
  /** Tokens of the system prompt that `tools` adds: with auto/none, and with any/tool. */
  readonly toolOverhead: readonly [number, number];
}

type Optional = 'aliases' | 'contextWindow' | 'maxOutput' | 'output300k' | 'fast' | 'retiresAt' | 'toolOverhead';

function model(facts: Omit<CatalogModel, Optional> & Partial<Pick<CatalogModel, Optional>>): CatalogModel {
  return {
    aliases: [],
    contextWindow: 1_000_000,
    maxOutput: 128_000,
    output300k: false,
    fast: false,
    retiresAt: null,
    toolOverhead: [354, 474],
    ...facts,
  };
}

const OLD = { contextWindow: 200_000, maxOutput: 64_000, toolOverhead: [496, 588] } as const;

/** Newest first, as the Models API lists them. */
export const MODEL_CATALOG: readonly CatalogModel[] = [
  model({
    id: 'claude-fable-5-2',
    displayName: 'Claude Fable 5.2',
    line: 'fable',
    version: 5.2,
    createdAt: '2026-11-09T00:00:00Z',
    minCacheableTokens: 512,
  }),
  model({
    id: 'claude-mythos-5-2',
    displayName: 'Claude Mythos 5.2',
    line: 'mythos',
    version: 5.2,
    createdAt: '2026-11-09T00:00:00Z',
    minCacheableTokens: 512,
  }),
  model({
    id: 'claude-haiku-5-5',
    displayName: 'Claude Haiku 5.5',
    line: 'haiku',
    version: 5.5,
    createdAt: '2026-10-20T00:00:00Z',
    minCacheableTokens: 512,
    output300k: true,
  }),
  model({
    id: 'claude-sonnet-5-5',
    displayName: 'Claude Sonnet 5.5',
    line: 'sonnet',
    version: 5.5,
    createdAt: '2026-09-23T00:00:00Z',
    minCacheableTokens: 1024,
    output300k: true,
  }),
  model({
    id: 'claude-opus-5-5',
    displayName: 'Claude Opus 5.5',
    line: 'opus',
    version: 5.5,
    createdAt: '2026-09-16T00:00:00Z',
    minCacheableTokens: 512,
    output300k: true,
    fast: true,
  }),
  model({
    id: 'claude-fable-5-1',
    displayName: 'Claude Fable 5.1',
    line: 'fable',
    version: 5.1,
    createdAt: '2026-09-02T00:00:00Z',
    minCacheableTokens: 512,
  }),
  model({
    id: 'claude-mythos-5-1',
    displayName: 'Claude Mythos 5.1',
    line: 'mythos',
    version: 5.1,
    createdAt: '2026-09-02T00:00:00Z',
    minCacheableTokens: 512,
  }),
  model({
    id: 'claude-fable-5',
    displayName: 'Claude Fable 5',
    line: 'fable',
    version: 5,
    createdAt: '2026-07-15T00:00:00Z',
    minCacheableTokens: 512,
  }),
  model({
    id: 'claude-mythos-5',
    displayName: 'Claude Mythos 5',
    line: 'mythos',
    version: 5,
    createdAt: '2026-07-15T00:00:00Z',
    minCacheableTokens: 512,
  }),
  model({
    id: 'claude-sonnet-5',
    displayName: 'Claude Sonnet 5',
    line: 'sonnet',
    version: 5,
    createdAt: '2026-06-30T00:00:00Z',
    minCacheableTokens: 1024,
    output300k: true,
  }),
  model({
    id: 'claude-opus-5',
    displayName: 'Claude Opus 5',
    line: 'opus',
    version: 5,
    createdAt: '2026-06-10T00:00:00Z',
    minCacheableTokens: 512,
    output300k: true,
    fast: true,
    toolOverhead: [286, 406],
  }),
  model({
    id: 'claude-opus-4-8',
    displayName: 'Claude Opus 4.8',
    line: 'opus',
    version: 4.8,
    createdAt: '2026-05-12T00:00:00Z',
    minCacheableTokens: 1024,
    output300k: true,
    fast: true,
    toolOverhead: [290, 410],
  }),
  model({
    id: 'claude-opus-4-7',
    displayName: 'Claude Opus 4.7',
    line: 'opus',
    version: 4.7,
    createdAt: '2026-04-16T00:00:00Z',
    minCacheableTokens: 2048,
    output300k: true,
    toolOverhead: [675, 804],
  }),
  model({
    id: 'claude-sonnet-4-6',
    displayName: 'Claude Sonnet 4.6',
    line: 'sonnet',
    version: 4.6,
    createdAt: '2026-02-17T00:00:00Z',
    minCacheableTokens: 1024,
    output300k: true,
    toolOverhead: [497, 589],
  }),
  model({
    id: 'claude-opus-4-6',
    displayName: 'Claude Opus 4.6',
    line: 'opus',
    version: 4.6,
    createdAt: '2026-02-04T00:00:00Z',
    minCacheableTokens: 4096,
    output300k: true,
    toolOverhead: [497, 589],
  }),
  model({
    id: 'claude-opus-4-5-20251101',
    aliases: ['claude-opus-4-5'],
    displayName: 'Claude Opus 4.5',
    line: 'opus',
    version: 4.5,
    createdAt: '2025-11-24T00:00:00Z',
    minCacheableTokens: 4096,
    ...OLD,
  }),
  model({
    id: 'claude-haiku-4-5-20251001',
    aliases: ['claude-haiku-4-5'],
    displayName: 'Claude Haiku 4.5',
    line: 'haiku',
    version: 4.5,
    createdAt: '2025-10-15T00:00:00Z',
    minCacheableTokens: 4096,
    ...OLD,
  }),
  model({
    id: 'claude-sonnet-4-5-20250929',
    aliases: ['claude-sonnet-4-5'],
    displayName: 'Claude Sonnet 4.5',
    line: 'sonnet',
    version: 4.5,
    createdAt: '2025-09-29T00:00:00Z',
    minCacheableTokens: 1024,
    retiresAt: '2026-11-30T00:00:00Z',
    ...OLD,
  }),
];

const BY_NAME: ReadonlyMap<string, CatalogModel> = new Map(
  MODEL_CATALOG.flatMap((entry) => [entry.id, ...entry.aliases].map((name) => [name, entry] as const)),
);

/** The model of an id or alias, `undefined` for anything else (retired models included). */
export function findModel(name: string): CatalogModel | undefined {
  return BY_NAME.get(name);
}

/** Which `thinking.type` values the model takes. */
export function thinkingTypes(entry: CatalogModel): ReadonlySet<string> {
  const types = new Set<string>();
  if (entry.version < 4.7) types.add('enabled');
  if (entry.version > 4.5) types.add('adaptive');
  if (entry.version >= 5) types.add('between_tools');
  const alwaysThinks = entry.line === 'fable' || entry.line === 'mythos' || entry.id === 'claude-opus-5-5';
  if (!alwaysThinks) types.add('disabled');
  return types;
}

/** Whether `tool_choice` may force a tool. */
export function takesForcedTools(entry: CatalogModel): boolean {
  if (entry.line === 'fable' || entry.line === 'mythos') return entry.version < 5.1;
  return entry.id !== 'claude-opus-5-5' && entry.id !== 'claude-sonnet-5-5';
}

/** Whether thinking blocks may only come back to the account and model that made them. */
export function bindsThinking(entry: CatalogModel): boolean {
  return entry.version >= 5.1;
}
