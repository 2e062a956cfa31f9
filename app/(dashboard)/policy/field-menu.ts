import { FIELDS, fieldOf } from '@/lib/core/policy/fields';

/** What each field is, in the words of a list to choose from. */
const ABOUT: Readonly<Record<string, string>> = {
  model: 'model',
  tolerance: 'tolerance: how long it may take',
  key: 'key: who calls',
  client: 'client',
  agent: 'agent: main or sub-agent',
  stream: 'stream: asks for a stream',
  input_tokens: 'input_tokens: estimate',
  max_tokens: 'max_tokens',
  has_tools: 'has_tools',
  has_thinking: 'has_thinking',
  prefix_warm: 'prefix_warm: its prompt is cached',
  hour: 'hour: 0–23, policy’s zone',
  weekday: 'weekday',
  'batch.p50': 'batch.p50: half of the batches are back',
  'batch.p90': 'batch.p90: 9 of 10 batches are back',
  'batch.p95': 'batch.p95: 19 of 20 batches are back',
  'batch.samples': 'batch.samples: batches measured',
  'batch.backlog': 'batch.backlog: items waiting',
  'sync.p95': 'sync.p95: latency of the sync lane',
  'spend.today': 'spend.today: USD since midnight',
};

const GROUP_OF: Readonly<Record<string, string>> = {
  key: 'Caller',
  client: 'Caller',
  agent: 'Caller',
  hour: 'Time',
  weekday: 'Time',
};

const groupOf = (name: string) =>
  GROUP_OF[name] ?? (/^(batch|sync|spend)\./.test(name) ? 'Measured, of the call’s model' : 'Call');

/** Fields in groups, as a list to choose from; the last two ask for a name. */
export const FIELD_GROUPS = ['Call', 'Caller', 'Time', 'Measured, of the call’s model'].map((group) => ({
  group,
  items: [
    ...FIELDS.filter(({ name }) => groupOf(name) === group).map(({ name }) => ({
      value: name,
      label: ABOUT[name] ?? name,
    })),
    ...(group === 'Caller'
      ? [
          { value: 'tag.', label: 'tag: a tag by name' },
          { value: 'header.', label: 'header: a header by name' },
        ]
      : []),
  ],
}));

const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

export interface Option {
  value: string | number | boolean;
  label: string;
  /** Where there is little room. */
  short?: string;
}

/** All values of a field that has only a few; `null`: it is typed. */
export function optionsOf(name: string): readonly Option[] | null {
  if (name === 'weekday') return DAYS.map((label, i) => ({ value: i + 1, label, short: label.slice(0, 3) }));
  if (name === 'hour')
    return Array.from({ length: 24 }, (_, hour) => ({ value: hour, label: `${hour}:00`, short: String(hour) }));
  const field = fieldOf(name);
  if (typeof field === 'string') return null;
  if (field.type === 'choice') return field.choices.map((choice) => ({ value: choice, label: choice }));
  if (field.type !== 'boolean') return null;
  return [
    { value: true, label: 'yes' },
    { value: false, label: 'no' },
  ];
}

const OP_LABELS = {
  eq: 'is',
  ne: 'is not',
  in: 'is one of',
  lt: 'is below',
  lte: 'is at most',
  gt: 'is above',
  gte: 'is at least',
  glob: 'matches',
} as const;

/** Operators of a field; being there or not are two of them. */
export function opChoices(name: string): { value: string; label: string }[] {
  const field = fieldOf(name);
  const ops = typeof field === 'string' ? (['eq', 'ne', 'in', 'glob', 'exists'] as const) : field.ops;
  return ops.flatMap((op) =>
    op === 'exists'
      ? [
          { value: 'present', label: 'is present' },
          { value: 'missing', label: 'is missing' },
        ]
      : [{ value: op, label: OP_LABELS[op] }],
  );
}
