import { z } from 'zod';
import { ROLES } from '@/lib/core/request-states';
import { Instant } from './query';

/** `POST /api/operators`. */
export const OperatorRequest = z.strictObject({
  name: z
    .string()
    .trim()
    .min(1)
    .max(80)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly those are refused
    .regex(/^[^\x00-\x1f\x7f]*$/, 'must not hold control characters')
    .refine((name) => name.toLowerCase() !== 'offpeak', 'is the name under which Offpeak itself acts'),
  role: z.enum(ROLES),
});
export type OperatorRequest = z.infer<typeof OperatorRequest>;

export const Operator = z.object({
  id: z.string(),
  name: z.string(),
  role: z.enum(ROLES),
  /** `true`: set by the environment or the data folder; cannot be deleted. */
  builtIn: z.boolean(),
  createdAt: Instant,
});
export type Operator = z.infer<typeof Operator>;

export const OperatorCreated = Operator.extend({ token: z.string() });
export const OperatorList = z.object({ operators: z.array(Operator) });
export type OperatorList = z.infer<typeof OperatorList>;
