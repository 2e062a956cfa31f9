import type { Rule } from '@/lib/core/policy/document';

export interface Template {
  id: string;
  name: string;
  /** What it is for, in a sentence. */
  about: string;
  rule: Pick<Rule, 'when' | 'then' | 'note'>;
}

/** Rules that most operators want sooner or later; all of them are a start, to be read before they are published. */
export const TEMPLATES: readonly Template[] = [
  {
    id: 'ci-and-evals',
    name: 'CI and evals',
    about: 'Jobs tagged as CI or evals always wait for a batch, up to four hours.',
    rule: {
      when: { field: 'tag.job', op: 'in', value: ['ci', 'eval', 'evals'] },
      // biome-ignore lint/suspicious/noThenProperty: the document's own word; no rule is ever awaited
      then: { lane: 'batch', deadline: '4h', window: '30s' },
      note: 'Nobody watches these runs: half the price is worth the wait.',
    },
  },
  {
    id: 'background-sub-agents',
    name: 'Background sub-agents',
    about: 'Claude Code’s sub-agents get ten minutes, and a batch where one is measured to be back by then.',
    rule: {
      when: { field: 'agent', op: 'eq', value: 'subagent' },
      // biome-ignore lint/suspicious/noThenProperty: as above
      then: { lane: 'auto', deadline: '10m', maxMiss: 0.1, minSaving: 0.1, explore: 0.05 },
      note: 'Sub-agents state no tolerance: the deadline of this rule grants the time.',
    },
  },
  {
    id: 'nightly-jobs',
    name: 'Nightly jobs',
    about: 'What arrives between midnight and six from nightly jobs is collected into large batches.',
    rule: {
      when: {
        all: [
          { field: 'hour', op: 'lt', value: 6 },
          {
            any: [
              { field: 'tag.job', op: 'glob', value: 'nightly*' },
              { field: 'key', op: 'glob', value: 'nightly*' },
            ],
          },
        ],
      },
      // biome-ignore lint/suspicious/noThenProperty: as above
      then: { lane: 'batch', deadline: '6h', window: '2m', maxItems: 10_000 },
    },
  },
  {
    id: 'overload-spill',
    name: 'Overload spill',
    about: 'Sync as usual; what upstream refuses for overload waits for a batch instead of failing.',
    rule: {
      when: { field: 'tolerance', op: 'gte', value: '1m' },
      // biome-ignore lint/suspicious/noThenProperty: as above
      then: { lane: 'sync', spill: true },
    },
  },
];

export function ruleFrom({ id, name, rule }: Template, taken: readonly string[]): Rule {
  return { id: freeId(id, taken), name, enabled: true, ...structuredClone(rule) };
}

export function blankRule(taken: readonly string[]): Rule {
  const id = freeId('rule', taken);
  // biome-ignore lint/suspicious/noThenProperty: as above
  return { id, name: 'New rule', enabled: true, when: {}, then: { lane: 'auto' } };
}

export function copyOf(rule: Rule, taken: readonly string[]): Rule {
  return { ...structuredClone(rule), id: freeId(rule.id, taken), name: `${rule.name} (copy)` };
}

const MOST_ID = 40;

/** `name`, or `name-2`, `name-3` … while that is taken. */
function freeId(name: string, taken: readonly string[]): string {
  const stem = name.replace(/-\d+$/, '');
  for (let n = 1; ; n++) {
    const tail = n === 1 ? '' : `-${n}`;
    const id = (n === 1 ? name : stem).slice(0, MOST_ID - tail.length) + tail;
    if (!taken.includes(id)) return id;
  }
}
