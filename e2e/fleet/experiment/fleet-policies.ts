import { DAY_MS, parseDuration } from '@/lib/core/duration';
import type { Condition } from '@/lib/core/policy/condition';
import type { PolicyDocument, Rule } from '@/lib/core/policy/document';
import { SHIPPED_DOCUMENT } from '@/lib/core/policy/shipped';

const SHIPPED_WINDOW_MS = 5_000;

/** What the first experiment did, through Offpeak: every call of every agent into a batch, however long that takes. */
export function everythingBatched(timeScale: number): PolicyDocument {
  return { rules: [], default: { lane: 'batch', window: scaled(SHIPPED_WINDOW_MS, timeScale) } };
}

/** One batch for each call and nothing pooled: many batches to measure by. */
export const MEASURING: PolicyDocument = {
  rules: [
    {
      id: 'sync',
      name: 'Sync',
      enabled: true,
      when: { field: 'tag.lane', op: 'eq', value: 'sync' },
      ...then({ lane: 'sync' }),
    },
  ],
  default: { lane: 'batch', window: '0ms', maxItems: 1, escalate: false },
};

/**
 * The shipped policy. Its durations are an operator's and stay real, so they are divided like everything else where the
 * API's time is.
 */
export function shippedPolicy(timeScale: number): PolicyDocument {
  if (timeScale === 1) return SHIPPED_DOCUMENT;
  const window = scaled(SHIPPED_WINDOW_MS, timeScale);
  const rules = SHIPPED_DOCUMENT.rules.map((rule) => ({
    ...rule,
    when: scaledCondition(rule.when, timeScale),
    ...then({ ...rule.then, window } as Rule['then']),
  }));
  return { ...SHIPPED_DOCUMENT, rules };
}

function then<T>(action: T): { then: T } {
  // biome-ignore lint/suspicious/noThenProperty: the document's own word; no rule is ever awaited
  return { then: action };
}

function scaledCondition(when: Condition, timeScale: number): Condition {
  const json = JSON.stringify(when, (key, value: unknown) => {
    const ms = key === 'value' && typeof value === 'string' ? parseDuration(value) : null;
    return ms === null ? value : scaled(ms, timeScale);
  });
  return JSON.parse(json) as Condition;
}

function scaled(ms: number, timeScale: number): string {
  return `${Math.min(DAY_MS, Math.max(1, Math.round(ms / timeScale)))}ms`;
}
