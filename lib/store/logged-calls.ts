import type { Sql } from 'postgres';
import { type KnownEstimate, ofSnapshot } from '@/lib/core/estimate/snapshot';
import { type Uuid, uuidTime } from '@/lib/core/ids';
import type { LoggedCall } from '@/lib/core/policy/replay';
import type { PriceBook } from '@/lib/core/pricing';
import type { Agent, Client } from '@/lib/core/request-states';
import { FACT_NAMES, factsOf, type OwnFacts, type SharedFacts } from './decision-facts';
import { readSnapshots } from './estimate-snapshots';

/** What of a log row a decision saw: in two parts, of which many calls may share the second. */
export interface OwnPart extends OwnFacts {
  id: Uuid;
  session_id: string | null;
  input_tokens: number | null;
}

export interface SharedPart extends SharedFacts {
  model: string | null;
  tolerance_ms: number | null;
  key_name: string | null;
  tags: Record<string, string>;
  client: Client;
  agent: Agent;
  stream: boolean;
  max_tokens: number | null;
  has_tools: boolean;
  has_thinking: boolean;
}

/** Its columns, of `requests r` joined with `keys k`. */
export const DECIDED_COLUMNS = `r.id, r.session_id, r.model, r.tolerance_ms, k.name as key_name, r.tags, r.client, r.agent, r.stream,
  r.input_tokens, r.max_tokens, r.has_tools, r.has_thinking, ${FACT_NAMES}`;

/** Estimates that decisions were made by; each is read once. */
export class KnownEstimates {
  readonly #byId = new Map<string, KnownEstimate | null>();

  constructor(private readonly sql: Sql) {}

  /** Those that these rows name. */
  async read(rows: readonly { estimate_id: string | null }[]): Promise<void> {
    const missing = new Set<string>();
    for (const { estimate_id: id } of rows) if (id !== null && !this.#byId.has(id)) missing.add(id);
    const found = await readSnapshots(this.sql, [...missing]);
    for (const id of missing) {
      const snapshot = found.get(id);
      this.#byId.set(id, snapshot ? ofSnapshot(snapshot) : null);
    }
  }

  /** `undefined`: it is not stored any more. */
  of(id: string | null): KnownEstimate | null | undefined {
    return id === null ? null : (this.#byId.get(id) ?? undefined);
  }
}

/** `null`: its decision was not stored, or not all that it saw is kept. */
export function toLoggedCall(
  own: OwnPart,
  shared: SharedPart,
  estimates: KnownEstimates,
  prices: PriceBook,
): LoggedCall | null {
  const facts = factsOf(own, shared);
  const estimate = estimates.of(shared.estimate_id);
  if (facts === null || estimate === undefined) return null;
  const arrivedAt = uuidTime(own.id);
  return {
    id: own.id,
    arrivedAt,
    sessionId: own.session_id,
    model: shared.model,
    toleranceMs: shared.tolerance_ms,
    key: shared.key_name,
    tags: shared.tags,
    client: shared.client,
    agent: shared.agent,
    stream: shared.stream,
    inputTokens: own.input_tokens,
    maxTokens: shared.max_tokens,
    hasTools: shared.has_tools,
    hasThinking: shared.has_thinking,
    facts,
    estimate,
    price: shared.model === null ? null : prices.priceAt(shared.model, new Date(arrivedAt)),
  };
}

/** `null`: there is no such call in the log; `not_stored`: what its decision saw is not there. */
export async function findLoggedCall(sql: Sql, id: Uuid, prices: PriceBook): Promise<LoggedCall | 'not_stored' | null> {
  const [row] = await sql<(OwnPart & SharedPart)[]>`
    select ${sql.unsafe(DECIDED_COLUMNS)} from requests r left join keys k on k.id = r.key_id where r.id = ${id}::uuid`;
  if (!row) return null;
  const estimates = new KnownEstimates(sql);
  await estimates.read([row]);
  return toLoggedCall(row, row, estimates, prices) ?? 'not_stored';
}
