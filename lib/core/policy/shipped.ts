import { type CompiledPolicy, compilePolicy } from './compile';
import type { PolicyDocument } from './document';

/** The policy of a fresh Offpeak: a call that did not say that it can wait is never batched. */
export const SHIPPED_DOCUMENT: PolicyDocument = {
  rules: [
    {
      id: 'can-wait',
      name: 'Calls that can wait at least 2 minutes',
      enabled: true,
      when: { field: 'tolerance', op: 'gte', value: '2m' },
      // biome-ignore lint/suspicious/noThenProperty: the document's own word; no rule is ever awaited
      then: { lane: 'auto', explore: 0.1 },
    },
  ],
  default: { lane: 'sync' },
};

export function shippedPolicy(): CompiledPolicy {
  return compilePolicy(SHIPPED_DOCUMENT, { version: 1, paused: false });
}
