import pino from 'pino';

export type Logger = pino.Logger;

/** JSON lines on stderr. No call site passes headers or bodies; the redaction is a second net below that rule. */
export function createLog(level: pino.Level | 'silent' = 'info'): Logger {
  const secretPaths = [
    'authorization',
    'x-api-key',
    'cookie',
    'secret',
    'token',
    'password',
    'apiKey',
    'body',
    'headers',
  ];
  return pino(
    {
      level,
      base: { service: 'offpeak' },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: secretPaths.flatMap((path) => [`["${path}"]`, `*["${path}"]`]), censor: '[redacted]' },
      serializers: { err: describeError, error: describeError },
    },
    pino.destination({ fd: 2, sync: true }),
  );
}

/**
 * An error without what it may carry: a database error's message holds the bound parameters (prompts among them), so of
 * those only the code and the server's own sentence are kept.
 */
export function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { message: typeof error === 'string' ? error : 'not an Error' };
  const { code } = error as { code?: unknown };
  // drizzle's query error is plainly named `Error`; what gives it away is that it carries its parameters.
  const fromDatabase = error.name === 'PostgresError' || 'params' in error || 'query' in error;
  return {
    name: error.name,
    ...(typeof code === 'string' && { code }),
    message: fromDatabase ? 'database error' : error.message,
    ...(error.cause !== undefined && { cause: describeError(error.cause) }),
    ...(!fromDatabase && { stack: error.stack?.split('\n').slice(1, 8).join('\n') }),
  };
}
