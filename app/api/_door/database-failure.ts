/** SQLSTATE 08 (connection), 53 (resources), 57P (shutdown), and the codes of postgres.js and of the socket. */
const AWAY =
  /^(08...|53...|57P0.|CONNECT_TIMEOUT|CONNECTION_(CLOSED|ENDED|DESTROYED)|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOENT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH)$/;
/** `statement_timeout` and `lock_timeout` ended it. */
const TOO_SLOW = /^(57014|55P03)$/;
/** The socket's own watch gave up on a silent server; such an error has no code. */
const SILENT = /^(Postgres did not answer|no connection to )/;

/** Postgres cannot be reached, or refuses to work. */
export function isDatabaseAway(error: unknown): boolean {
  return some(error, ({ code, message }) => AWAY.test(code) || (code === '' && SILENT.test(message)));
}

/** A statement took longer than its pool allows. */
export function isDatabaseSlow(error: unknown): boolean {
  return some(error, ({ code }) => TOO_SLOW.test(code));
}

/** An error without the statement and the parameters that drizzle's own message carries. */
export function withoutStatement(error: unknown): unknown {
  return isErrorLike(error) && 'params' in error ? (error.cause ?? new Error('database error')) : error;
}

function some(error: unknown, test: (one: { code: string; message: string }) => boolean): boolean {
  for (let one = error, depth = 0; isErrorLike(one) && depth < 5; one = one.cause, depth++) {
    if (test({ code: typeof one.code === 'string' ? one.code : '', message: one.message })) return true;
  }
  return false;
}

// By shape: what is thrown outside of Next's bundle need not be an `instanceof` its Error.
function isErrorLike(error: unknown): error is { message: string; code?: unknown; cause?: unknown } {
  return typeof error === 'object' && error !== null && 'message' in error && typeof error.message === 'string';
}
