import { z } from 'zod';
import { ToleranceText } from '@/lib/core/duration';
import { PICO_PER_USD, parseUsd } from '@/lib/core/money';
import { MAX_TAGS, tagFault } from '@/lib/core/tags';
import { Instant, Usd } from './query';

const MOST_BUDGET = 9_000_000n * PICO_PER_USD;

const Tags = z
  .record(z.string(), z.string())
  .refine((tags) => Object.keys(tags).length <= MAX_TAGS, `at most ${MAX_TAGS} tags`)
  .superRefine((tags, context) => {
    for (const [name, value] of Object.entries(tags)) {
      const fault = tagFault(name, value);
      if (fault) context.addIssue({ code: 'custom', path: [name], message: fault });
    }
  });

/** `POST /api/keys`. */
export const KeyRequest = z.strictObject({
  name: z
    .string()
    .trim()
    .min(1)
    .max(80)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly those are refused
    .regex(/^[^\x00-\x1f\x7f]*$/, 'must not hold control characters'),
  tolerance: ToleranceText.optional(),
  tags: Tags.optional(),
  /** `false`: calls of this key never enter a batch (zero data retention, HIPAA). */
  batch: z.boolean().optional(),
  /** `false`: bodies of this key are never stored, whatever the setting. */
  store: z.boolean().optional(),
  /** How long a non-streaming caller of this key bears silence. */
  patience: ToleranceText.refine((text) => text !== 'interactive', 'must be a duration such as 30s or 5m').optional(),
  monthlyBudgetUsd: z
    .string()
    .refine((text) => (parseUsd(text) ?? -1n) >= 0n, 'must be a plain decimal amount of USD')
    // Stored as picodollars in 64 bits.
    .refine((text) => (parseUsd(text) ?? 0n) <= MOST_BUDGET, 'must be at most 9,000,000 USD')
    .optional(),
  /** Name of the upstream credential this key is bound to. */
  upstream: z.string().min(1).max(80).optional(),
});
export type KeyRequest = z.infer<typeof KeyRequest>;

export const Key = z.object({
  id: z.string(),
  name: z.string(),
  prefix: z.string(),
  last4: z.string(),
  tolerance: z.string().nullable(),
  tags: z.record(z.string(), z.string()),
  batch: z.boolean(),
  store: z.boolean(),
  patience: z.string().nullable(),
  monthlyBudgetUsd: Usd.nullable(),
  /** What its requests of this month (UTC) cost, as its budget counts. */
  spentMonthUsd: Usd,
  /** Since it was made. */
  spentUsd: Usd,
  upstream: z.string(),
  createdAt: Instant,
  createdBy: z.string(),
  lastUsedAt: Instant.nullable(),
  revokedAt: Instant.nullable(),
  /** Until when its revocation can be taken back; `null`: it is not revoked, or it is too late. */
  restorableUntil: Instant.nullable(),
});
export type Key = z.infer<typeof Key>;

/** The secret is answered once, here, and never again. */
export const KeyCreated = Key.extend({ secret: z.string() });
export type KeyCreated = z.infer<typeof KeyCreated>;
export const KeyList = z.object({ keys: z.array(Key) });
export type KeyList = z.infer<typeof KeyList>;
