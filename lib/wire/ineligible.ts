import { isUtf8 } from 'node:buffer';

/** Why a Messages call stays out of the batch API; `null` elsewhere means that it may go in. */
export const INELIGIBLE = [
  'oauth',
  'unreadable',
  'model',
  'messages',
  'max_tokens',
  'speed',
  'thread',
  'cache_hint',
  'context_hint',
  'research_preview',
  'fallbacks',
  'billing_policy',
  'fallback_credit',
  'too_deep',
] as const;
export type Ineligible = (typeof INELIGIBLE)[number];

// Fields that the batch API refuses, ignores or serves with something left out (Message Batches, unsupported features).
const REFUSED_FIELDS: readonly (readonly [string, Ineligible])[] = [
  ['speed', 'speed'],
  ['thread', 'thread'],
  ['store', 'thread'],
  ['previous_thread_event_id', 'thread'],
  ['cache_hint', 'cache_hint'],
  ['context_hint', 'context_hint'],
  ['fallbacks', 'fallbacks'],
  ['fallback_credit_token', 'fallback_credit'],
];

// Upstream's JSON reader gives up somewhere; deeper than this is nobody's honest request.
const MOST_DEPTH = 1_000;

/**
 * Why this Messages call cannot enter the batch API. A plausibility check, not a validation: upstream judges the rest
 * item by item. What it lets through, `batchParams` can take, and it cannot spoil the batch for its neighbours.
 * @param call `bytes`: the body; `body`: the same parsed, `null` when it does not parse; `anthropicBeta`: the header's
 *   values, each possibly a list.
 */
export function ineligible(call: {
  bytes: Buffer;
  body: unknown;
  anthropicBeta: readonly string[];
}): Ineligible | null {
  const { bytes, body, anthropicBeta } = call;
  // Only the synchronous API takes an OAuth login's value, and without it the login is refused.
  if (anthropicBeta.some((list) => list.split(',').some((value) => value.trim().startsWith('oauth-')))) return 'oauth';
  if (!isObject(body) || !isUtf8(bytes)) return 'unreadable';
  const { model, messages, max_tokens } = body;
  if (typeof model !== 'string' || model === '') return 'model';
  if (!Array.isArray(messages) || messages.length === 0) return 'messages';
  // 0 is a cache warm-up, which has no place in a batch.
  if (typeof max_tokens !== 'number' || !Number.isInteger(max_tokens) || max_tokens < 1) return 'max_tokens';
  for (const [field, reason] of REFUSED_FIELDS) if (isSet(body[field])) return reason;
  if (body.research_preview_2026_02 === 'active') return 'research_preview';
  if (isObject(body.billing_policy) && body.billing_policy.bill_to === 'user_profile') return 'billing_policy';
  return faultWithin(body);
}

// Level by level, without recursion or a copy of what is wide: both are the caller's choice.
function faultWithin(body: Record<string, unknown>): Ineligible | null {
  let level: (Record<string, unknown> | unknown[])[] = [body];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > MOST_DEPTH) return 'too_deep';
    const next: typeof level = [];
    // Half a surrogate pair can be written in JSON, but strict readers refuse the whole text for it.
    const isFaulty = (value: unknown): boolean => {
      if (typeof value === 'string') return !value.isWellFormed();
      if (Array.isArray(value) || isObject(value)) next.push(value);
      return false;
    };
    for (const container of level) {
      if (Array.isArray(container)) {
        for (const value of container) if (isFaulty(value)) return 'unreadable';
      } else {
        for (const name in container) if (isFaulty(name) || isFaulty(container[name])) return 'unreadable';
      }
    }
    level = next;
  }
  return null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}
