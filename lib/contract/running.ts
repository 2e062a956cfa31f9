import { z } from 'zod';

/** `GET /api/settings`: what the process that answers was started with. Of a secret it only says whether it is set. */
export const Running = z.object({
  settings: z.array(
    z.object({
      /** Of the environment variable. */
      name: z.string(),
      value: z.string(),
      /** Only that it is set is told. */
      secret: z.boolean(),
    }),
  ),
  /** Names under which keys can choose an upstream credential; `default` first, when there is one. */
  upstreamKeys: z.array(z.string()),
  process: z.object({ pid: z.number().int(), node: z.string(), uptimeSeconds: z.number().int() }),
});
export type Running = z.infer<typeof Running>;
