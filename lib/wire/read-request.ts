import { z } from 'zod';

/**
 * What routing and the log need of a Messages body. Loose on purpose: the bytes are forwarded as they came, whatever
 * they hold, and upstream gives the true verdict on them.
 */
export interface RequestBody {
  model: string | null;
  stream: boolean;
  maxTokens: number | null;
  hasTools: boolean;
  hasThinking: boolean;
  /** Estimate: a quarter of the body's bytes. */
  inputTokens: number;
}

// Unknown fields are left out rather than copied: a body may hold a million of them, and copying holds up everyone.
// `nullish` before `catch`: a field that is simply absent must not cost an error object on every call.
const Loose = z.object({
  model: z.string().nullish().catch(null),
  stream: z.boolean().nullish().catch(null),
  max_tokens: z.number().int().nonnegative().max(2_147_483_647).nullish().catch(null),
  tools: z.array(z.unknown()).nullish().catch(null),
  thinking: z.object({ type: z.string() }).nullish().catch(null),
});

const MOST_MODEL_CHARS = 120;
const BYTES_PER_TOKEN = 4;

/**
 * Never throws: a body that is no JSON object answers with what can be said of it. `json` is the body parsed, `null`
 * when it does not parse: for the decision, not to be kept.
 */
export function readRequest(body: Buffer): { facts: RequestBody; json: unknown } {
  const inputTokens = Math.ceil(body.length / BYTES_PER_TOKEN);
  const unreadable: RequestBody = {
    model: null,
    stream: false,
    maxTokens: null,
    hasTools: false,
    hasThinking: false,
    inputTokens,
  };
  let json: unknown;
  try {
    json = JSON.parse(body.toString('utf8'));
  } catch {
    return { facts: unreadable, json: null };
  }
  const parsed = Loose.safeParse(json);
  if (!parsed.success) return { facts: unreadable, json };
  const { model, stream, max_tokens, tools, thinking } = parsed.data;
  const facts: RequestBody = {
    model: model ? model.slice(0, MOST_MODEL_CHARS) : null,
    stream: stream ?? false,
    maxTokens: max_tokens ?? null,
    hasTools: (tools?.length ?? 0) > 0,
    hasThinking: thinking != null && thinking.type !== 'disabled',
    inputTokens,
  };
  return { facts, json };
}
