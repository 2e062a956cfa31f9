import { z } from 'zod';
import { ROLES } from '@/lib/core/request-states';
import { Instant } from './query';

/** `POST /api/operators`. */
export const OperatorRequest = z.strictObject({ name: z.string().trim().min(1).max(80), role: z.enum(ROLES) });
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
