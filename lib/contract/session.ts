import { z } from 'zod';
import { ROLES } from '@/lib/core/request-states';

/** `POST /api/session`: an operator's token, or the single-use code of a login link. */
export const SessionRequest = z.union(
  [z.strictObject({ token: z.string().min(8).max(512) }), z.strictObject({ code: z.string().min(8).max(256) })],
  'must be {"token": …} or {"code": …}, as text',
);
export type SessionRequest = z.infer<typeof SessionRequest>;

export const SessionAnswer = z.object({ operator: z.object({ name: z.string(), role: z.enum(ROLES) }) });
export type SessionAnswer = z.infer<typeof SessionAnswer>;
