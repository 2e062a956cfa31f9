import { z } from 'zod';
import { parseDuration } from '@/lib/core/duration';
import { plainFault } from '@/lib/core/plain-fault';
import { isTimeZone } from '@/lib/core/time-range';
import { type Condition, checkCondition, type Path } from './condition';
import { isStorable } from './fields';

const MOST_BYTES = 65_536;
const MOST_RULES = 200;
const MOST_WINDOW_MS = 900_000;

const Text = z.string().refine(isStorable, 'must be text without NUL');
const Duration = z
  .string()
  .refine((text) => parseDuration(text) !== null, 'must be a duration such as 30s, 10m or 2h (at most 24h)');
const Window = z
  .string()
  .refine((text) => windowMs(text) !== null, 'must be 0ms or a duration such as 500ms, 5s or 1m (at most 15m)');
const Share = z.number().min(0).max(1);

const batching = {
  deadline: Duration.exactOptional(),
  escalate: z.boolean().exactOptional(),
  window: Window.exactOptional(),
  maxItems: z.number().int().min(1).max(100_000).exactOptional(),
};

export const ActionDocument = z.discriminatedUnion('lane', [
  z.strictObject({ lane: z.literal('sync'), spill: z.boolean().exactOptional() }),
  z.strictObject({ lane: z.literal('batch'), ...batching }),
  z.strictObject({
    lane: z.literal('auto'),
    maxMiss: Share.exactOptional(),
    minSaving: Share.exactOptional(),
    explore: Share.exactOptional(),
    ...batching,
  }),
]);
export type ActionDocument = z.infer<typeof ActionDocument>;

// Checked by hand: zod's verdict on a union of shapes names no path inside it.
const When = z
  .unknown()
  .superRefine((json, context) =>
    checkCondition(json, (path, message) => context.addIssue({ code: 'custom', path, message })),
  )
  .meta({
    type: 'object',
    description:
      '{} | {all: [condition…]} | {any: [condition…]} | {not: condition} | {field, op, value}; at most 8 deep',
  }) as unknown as z.ZodType<Condition>;

export const Rule = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]{1,40}$/, 'must be 1 to 40 of a-z, 0-9 and -'),
  name: Text,
  enabled: z.boolean(),
  when: When,
  // biome-ignore lint/suspicious/noThenProperty: the document's own word; no rule is ever awaited
  then: ActionDocument,
  /** Percent of sessions, or of requests that belong to none. */
  rollout: z.number().min(0).max(100).exactOptional(),
  note: Text.exactOptional(),
});
export type Rule = z.infer<typeof Rule>;

/** A policy as operators write, publish and read it. `parsePolicy` also bounds its size. */
export const PolicyDocument = z.strictObject({
  timeZone: z.string().refine(isTimeZone, 'must be an IANA time zone such as Europe/Berlin').exactOptional(),
  rules: z
    .array(Rule)
    // Not `max`, which would keep silent about the faults inside the rules.
    .superRefine(
      (rules, context) => {
        if (rules.length > MOST_RULES) {
          context.addIssue({ code: 'custom', path: [], message: `must be at most ${MOST_RULES} rules` });
        }
        for (const [i, first] of repeatedIds(rules)) {
          context.addIssue({ code: 'custom', path: [i, 'id'], message: `rules[${first}] has the same id` });
        }
      },
      { when: ({ value }) => Array.isArray(value) },
    ),
  default: ActionDocument,
});
export type PolicyDocument = z.infer<typeof PolicyDocument>;

export interface PolicyFault {
  /** `rules[2].when.all[0].value`; empty for the document as a whole. */
  path: string;
  message: string;
}

/** The document in `json` (JSON already parsed), or every fault of it. Never throws. */
export function parsePolicy(json: unknown): { document: PolicyDocument } | { errors: PolicyFault[] } {
  const bytes = jsonBytes(json);
  if (bytes === null) return { errors: [{ path: '', message: 'is no JSON, or nested too deeply' }] };
  if (bytes > MOST_BYTES) {
    return { errors: [{ path: '', message: `is ${bytes} bytes of JSON; at most ${MOST_BYTES} are allowed` }] };
  }
  const parsed = PolicyDocument.safeParse(json, { error: plainly });
  if (parsed.success) return { document: parsed.data };
  const errors = parsed.error.issues.flatMap((issue) => {
    const path = issue.path as Path;
    if (issue.code !== 'unrecognized_keys') return [{ path: formatPath(path), message: issue.message }];
    return issue.keys.map((key) => ({ path: formatPath([...path, key]), message: 'is not known here' }));
  });
  return { errors };
}

/** ms of a `window`: a duration up to 15 minutes, or `0ms`. */
export function windowMs(text: string): number | null {
  const ms = text === '0ms' ? 0 : parseDuration(text);
  return ms !== null && ms <= MOST_WINDOW_MS ? ms : null;
}

/** Index of every rule whose id an earlier one has, with the index of that one. */
function* repeatedIds(rules: readonly unknown[]): Generator<[number, number]> {
  const seen = new Map<unknown, number>();
  for (const [i, rule] of rules.entries()) {
    const id = typeof rule === 'object' && rule !== null && 'id' in rule ? rule.id : undefined;
    if (typeof id !== 'string') continue;
    const first = seen.get(id);
    if (first === undefined) seen.set(id, i);
    else yield [i, first];
  }
}

function plainly(issue: z.core.$ZodRawIssue): string {
  return issue.code === 'invalid_union' ? 'must be sync, batch or auto' : (plainFault(issue) ?? 'is not valid');
}

function formatPath(path: Path): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else if (!/^[A-Za-z_$][\w$]*$/.test(part)) text += `[${JSON.stringify(part.slice(0, 60))}]`;
    else text += text === '' ? part.slice(0, 60) : `.${part.slice(0, 60)}`;
  }
  return text;
}

function jsonBytes(json: unknown): number | null {
  try {
    const text = JSON.stringify(json);
    return typeof text === 'string' ? new TextEncoder().encode(text).length : null;
  } catch {
    return null;
  }
}
