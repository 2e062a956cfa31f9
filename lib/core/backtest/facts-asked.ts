import type { CompiledPolicy } from '@/lib/core/policy/compile';
import type { CompiledCondition } from '@/lib/core/policy/compile-condition';

/** What deciding by a policy may look at, of what differs from call to call: the rest of a log row need not be read. */
export interface FactsAsked {
  /** Names of tags. */
  tags: readonly string[];
  headers: boolean;
  session: boolean;
  inputTokens: boolean;
  /** The cacheable prefix. */
  prefix: boolean;
  backlog: boolean;
  syncP95: boolean;
  spend: boolean;
}

const TAG = 'tag.';

export function factsAsked({ rules, default: otherwise }: CompiledPolicy): FactsAsked {
  const names = new Set<string>();
  for (const { condition } of rules) addNames(condition, names);
  const judges = otherwise.lane === 'auto' || rules.some(({ action }) => action.lane === 'auto');
  return {
    tags: [...names].filter((name) => name.startsWith(TAG)).map((name) => name.slice(TAG.length)),
    headers: [...names].some((name) => name.startsWith('header.')),
    session: rules.some(({ buckets }) => buckets !== null),
    inputTokens: judges || names.has('input_tokens'),
    prefix: judges || names.has('prefix_warm'),
    backlog: names.has('batch.backlog'),
    syncP95: names.has('sync.p95'),
    spend: names.has('spend.today'),
  };
}

function addNames(condition: CompiledCondition, into: Set<string>): void {
  if (condition.shape === 'not') addNames(condition.part, into);
  else if (condition.shape === 'all' || condition.shape === 'any') {
    for (const part of condition.parts) addNames(part, into);
  } else if (condition.shape === 'comparison') into.add(condition.field.name);
}
